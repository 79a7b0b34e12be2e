"""The bridge from an MQTT broker to the switch: terminals' messages become frames of ordinary links."""
