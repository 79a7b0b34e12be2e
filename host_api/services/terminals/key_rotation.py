"""What the people at a terminal do when its keys are to be others."""

from host_api.services.terminals.schemas import Step


def rotation_steps(terminal_id: str, generation: int) -> list[Step]:
    """How a terminal gets the keys of its new generation, under the transport key that it has."""
    package = f"{terminal_id}.keys"
    return [
        Step(
            text="Where the switch's master key is, make the package of the new generation. "
            "It asks for the components of the transport key.",
            text_fa="در جایی که کلید اصلی سوئیچ هست، بستهٔ نسل تازه را بسازید؛ اجزای کلید انتقال را می‌پرسد.",
            command=f"vafa keys package --terminal {terminal_id} --generation {generation} "
            f"--master-key-file var/keys/master.key -o {package}",
        ),
        Step(
            text="Until the new key is in, the switch refuses the terminal. Sell nothing without a line "
            "meanwhile: another key could not read those sales.",
            text_fa="تا وارد شدن کلید تازه سوئیچ پایانه را رد می‌کند. در این میان بی‌خط نفروشید: "
            "کلید دیگر آن فروش‌ها را نمی‌خواند.",
            command=None,
        ),
        Step(
            text="A supervisor presses M 4 3 at the terminal; connect the cable, bring the package in, and "
            "compare the check values.",
            text_fa="سرپرست در پایانه M 4 3 را می‌زند؛ کابل را وصل کنید، بسته را وارد کنید "
            "و مقدارهای کنترلی را بسنجید.",
            command=f"vafa keys inject {package} --line /dev/ttyUSB0",
        ),
    ]
