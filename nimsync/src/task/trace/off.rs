//! Without the feature `tracing`.

use super::super::node::Node;

/// The span of no task.
pub(in crate::task) struct Trace;

impl Trace {
    #[inline]
    pub(in crate::task) fn none() -> Self {
        Self
    }

    #[inline]
    pub(in crate::task) fn of(_node: &Node, _size: usize) -> Self {
        Self
    }

    /// # Safety
    ///
    /// None here; see the other variant.
    #[inline]
    pub(in crate::task) unsafe fn enter(&self) -> impl Sized + use<> {}

    /// # Safety
    ///
    /// None here; see the other variant.
    #[inline]
    pub(in crate::task) unsafe fn close(&self) {}

    #[inline]
    pub(in crate::task) fn cloned(&self) {}

    #[inline]
    pub(in crate::task) fn woken(&self) {}
}
