"""The compiled codec is built where a C compiler is found; without one everything works, only slower."""

from Cython.Build import cythonize
from setuptools import Extension, setup

extensions = cythonize(
    [Extension("protocol.codec._compiled", ["protocol/codec/_compiled.pyx"])], language_level=3
)
for extension in extensions:
    extension.optional = True  # cythonize does not carry it over

setup(ext_modules=extensions)
