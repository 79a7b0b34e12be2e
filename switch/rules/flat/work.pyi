from switch.rules.flat.image import Image

class Work:
    def __init__(self, image: Image) -> None: ...
