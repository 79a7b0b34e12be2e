"""The compiled codec is built where a C compiler is found; without one everything works, only slower."""

from Cython.Build import cythonize
from setuptools import Extension, setup

setup(
    ext_modules=cythonize(
        [Extension("protocol.codec._compiled", ["protocol/codec/_compiled.pyx"], optional=True)],
        language_level=3,
    )
)
