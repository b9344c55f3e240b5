//! Foreign descriptors, blocking readers and writers, the standard streams.

mod async_fd;
mod blocking;
mod stdio;
