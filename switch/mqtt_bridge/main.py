"""A bridge process: settings, logs, and the connection to the broker, made again whenever it is lost."""

import asyncio
import json
import logging
import random
import signal
import socket
import sys

import aiomqtt
from pydantic import ValidationError

from switch.gate.link_plan import LinksFault
from switch.logs import set_up_logs
from switch.mqtt_bridge.settings import BridgeSettings
from switch.mqtt_bridge.ways import REQUESTS, Bounds, Ways, connector

EXIT_SETUP = 2
_LOG = logging.getLogger("switch.mqtt_bridge")
_MESSAGES_WAITING_MAX = 4096
_KEEP_ALIVE_S = 20


def main() -> int:
    """Run a bridge from the environment's settings until SIGTERM or Ctrl-C; returns the exit code.

    0 told to end; 2 set up wrongly.
    """
    try:
        settings = BridgeSettings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        sys.stderr.write(f"mqtt-bridge: settings: {faults}\n")
        return EXIT_SETUP
    logs = set_up_logs(settings.log_level, settings.log_format, sys.stderr)
    try:
        asyncio.run(_run(settings))
    except LinksFault as fault:
        logs.flush()
        sys.stderr.write(f"mqtt-bridge: {fault}\n")
        return EXIT_SETUP
    logs.flush()
    return 0


async def _run(settings: BridgeSettings) -> None:
    bridge = Bridge(settings)
    serving = asyncio.create_task(bridge.serve())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        _LOG.info("ended, %s", bridge.ways.counters)


class Bridge:
    """Holds the connection to the broker and serves the terminals behind it. Raises LinksFault."""

    def __init__(self, settings: BridgeSettings) -> None:
        self._settings = settings
        self._broker_tls = settings.broker_tls()
        self._password = settings.password()
        self._client: aiomqtt.Client | None = None
        switch = settings.switch_address
        self.ways = Ways(
            connector(switch.host, switch.port, settings.switch_tls(), settings.connect_timeout_s),
            self._publish,
            Bounds(settings.terminals_max, settings.waiting_max, settings.frame_bytes_max),
        )
        self._is_announced = False

    async def serve(self) -> None:
        """Serve for ever. Without the broker no terminal is served, and none keeps its link."""
        wait_s = self._settings.retry_first_s
        while True:
            try:
                async with self._new_client() as client:
                    await client.subscribe(REQUESTS, qos=1)
                    self._client = client
                    self._announce()
                    wait_s = self._settings.retry_first_s
                    async for message in client.messages:
                        payload = message.payload
                        self.ways.take(message.topic.value, payload if isinstance(payload, bytes) else b"")
            except aiomqtt.MqttError as fault:
                _LOG.warning("broker: %s", fault)
            finally:
                self._client = None
                await self.ways.close()
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))
            wait_s = min(2 * wait_s, self._settings.retry_limit_s)

    def _new_client(self) -> aiomqtt.Client:
        settings = self._settings
        broker = settings.broker_address
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=settings.username,
            password=self._password,
            identifier=settings.client_id,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            timeout=settings.publish_timeout_s,
            keepalive=_KEEP_ALIVE_S,
            max_queued_incoming_messages=_MESSAGES_WAITING_MAX,
            max_queued_outgoing_messages=_MESSAGES_WAITING_MAX,
            max_inflight_messages=settings.terminals_max,
            max_concurrent_outgoing_calls=settings.terminals_max,
            tls_context=self._broker_tls,
            # A reply is one small packet; without this it may wait 40 ms for an acknowledgement.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )

    async def _publish(self, topic: str, message: bytes) -> None:
        if self._client is None:
            raise ConnectionError("no broker")
        try:
            await self._client.publish(topic, message, qos=1)
        except aiomqtt.MqttError as fault:
            raise ConnectionError("the broker does not take it") from fault

    def _announce(self) -> None:
        _LOG.info("connected to broker %s", self._settings.broker_address)
        if not self._is_announced:
            self._is_announced = True
            line = {
                "ready": "mqtt_bridge",
                "broker": str(self._settings.broker_address),
                "switch": str(self._settings.switch_address),
            }
            print(json.dumps(line), flush=True)
