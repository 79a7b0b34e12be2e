# cython: language_level=3
"""Writes and syncs in a thread that never asks for the interpreter: a commit needn't wait until the loop lets go
of it, nor the loop until the commit does."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.errno cimport EINTR, EIO, errno
from libc.stdint cimport int64_t, uint64_t
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec
from posix.types cimport off_t
from posix.unistd cimport close, fdatasync, read, write

cdef extern from "<semaphore.h>" nogil:
    ctypedef struct sem_t:
        pass
    int sem_init(sem_t* semaphore, int shared, unsigned int value)
    int sem_destroy(sem_t* semaphore)
    int sem_post(sem_t* semaphore)
    int sem_wait(sem_t* semaphore)

cdef extern from "<sys/eventfd.h>" nogil:
    enum:
        EFD_CLOEXEC
        EFD_NONBLOCK
    int eventfd(unsigned int start, int flags)

cdef extern from "<unistd.h>" nogil:
    ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset)


cdef int64_t _now_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <int64_t> now.tv_sec * 1_000_000_000 + now.tv_nsec


cdef class DiskThread:
    """One write at a time. `run` is what the thread runs; all else is its owner's.

    `done_descriptor` can be read when a write is done, until `result` is asked for.
    """

    cdef readonly int done_descriptor
    cdef sem_t _wanted
    cdef bint _is_stopped
    cdef bytes _data
    cdef const char* _bytes
    cdef size_t _size
    cdef int _descriptor
    cdef off_t _offset
    cdef int _error
    cdef int64_t _duration_ns
    cdef int64_t _sync_ns

    def __cinit__(self):
        self.done_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)
        if self.done_descriptor < 0 or sem_init(&self._wanted, 0, 0) != 0:
            raise OSError(errno, "no way to talk to a thread")

    def __dealloc__(self):
        if self.done_descriptor >= 0:
            close(self.done_descriptor)
            sem_destroy(&self._wanted)

    def start(self, int descriptor, bytes data not None, int64_t offset):
        """Have bytes written and synced. The one before must be done."""
        self._descriptor, self._data, self._offset = descriptor, data, <off_t> offset
        self._bytes, self._size = PyBytes_AS_STRING(data), <size_t> PyBytes_GET_SIZE(data)
        sem_post(&self._wanted)

    def result(self):
        """Of the write that is done: errno or 0, how long it took and how long its sync, in nanoseconds."""
        cdef uint64_t count
        read(self.done_descriptor, &count, sizeof(count))
        self._data = None
        return self._error, self._duration_ns, self._sync_ns

    def stop(self):
        """Let `run` return, when what was started is done."""
        self._is_stopped = True
        sem_post(&self._wanted)

    def run(self):
        """Write what is started, until stopped."""
        cdef uint64_t one = 1
        cdef int64_t started_ns, synced_ns
        with nogil:
            while True:
                while sem_wait(&self._wanted) != 0:
                    pass
                if self._is_stopped:
                    break
                started_ns = _now_ns()
                self._error = _write_all(self._descriptor, self._bytes, self._size, self._offset)
                synced_ns = _now_ns()
                if self._error == 0 and fdatasync(self._descriptor) != 0:
                    self._error = errno
                self._sync_ns = _now_ns() - synced_ns
                self._duration_ns = _now_ns() - started_ns
                write(self.done_descriptor, &one, sizeof(one))


cdef int _write_all(int descriptor, const char* data, size_t size, off_t offset) noexcept nogil:
    """0, or why not all could be written."""
    cdef ssize_t written
    while size > 0:
        written = pwrite(descriptor, data, size, offset)
        if written < 0 and errno == EINTR:
            continue
        if written <= 0:
            return errno if written < 0 else EIO
        data += written
        size -= written
        offset += written
    return 0
