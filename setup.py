"""The compiled core is built where a C compiler is found; without one everything works, only slower."""

from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

SOURCES = sorted(path for folder in ("protocol", "switch") for path in Path(folder).rglob("*.pyx"))

extensions = cythonize(
    [
        # Nobody debugs the C that Cython writes; without symbols it is built in two thirds of the time.
        Extension(".".join(path.with_suffix("").parts), [str(path)], extra_compile_args=["-g0"])
        for path in SOURCES
    ],
    language_level=3,
)
for extension in extensions:
    extension.optional = True  # cythonize does not carry it over

setup(ext_modules=extensions, options={"build_ext": {"parallel": 2}})
