//! A pair of fences between a frequent and a rare side: [`light`] is free, [`heavy`] pays for both.
//!
//! Guarantee: if one thread does `A; light(); B` and another `C; heavy(); D`, then `D` sees `A` or `B` sees `C` (or both). That is what
//! two `fence(SeqCst)` give, but `light` only keeps the compiler from swapping `A` and `B`. The kernel does the rest: on Linux
//! `membarrier(PRIVATE_EXPEDITED)` runs a full barrier on every core that runs a thread of this process before it returns.
//! The frequent side's core is then either before `A` (it will see `C`) or after it (`A` is visible).
//!
//! [`available`] says whether the kernel does this. Where it does not, nobody may rely on `light`: both sides use
//! `fence(SeqCst)`. Under loom and shuttle both are `fence(SeqCst)`, so that the protocols around them are checked as they are.

#[cfg(all(target_os = "linux", not(any(loom, shuttle)), not(miri)))]
mod imp {
    use std::sync::{
        OnceLock,
        atomic::{Ordering, compiler_fence, fence},
    };

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the call takes three integers and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    /// Whether this process may use [`heavy`]; registers it at the first call.
    pub(crate) fn available() -> bool {
        // A child of `fork` inherits the registration (it belongs to the address space that is copied).
        static REGISTERED: OnceLock<bool> = OnceLock::new();
        *REGISTERED.get_or_init(|| {
            membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
                && membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED)
        })
    }

    /// The free side.
    #[inline(always)]
    pub(crate) fn light() {
        // A compiler fence: the store before and the load after stay in this order in the program; `heavy` makes it so in the machine.
        compiler_fence(Ordering::SeqCst);
    }

    /// The side that pays.
    pub(crate) fn heavy() {
        // Orders our own accesses around the call.
        fence(Ordering::SeqCst);
        if !membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED) {
            // It worked at registration, so the process has since been locked down. Going on could lose a wake-up without a trace.
            eprintln!(
                "nimsync: membarrier was allowed when the first channel was made and is refused now"
            );
            std::process::abort();
        }
    }
}

#[cfg(any(not(target_os = "linux"), loom, shuttle, miri))]
mod imp {
    use crate::prim::sync::{Ordering, fence};

    /// Under loom and shuttle the protocol around the fences is checked with real ones; elsewhere there is no such call.
    pub(crate) fn available() -> bool {
        cfg!(any(loom, shuttle))
    }

    #[inline(always)]
    pub(crate) fn light() {
        if cfg!(any(loom, shuttle)) {
            // SeqCst: store-buffer argument of the module documentation; stands in for the kernel's barrier.
            fence(Ordering::SeqCst);
        }
    }

    pub(crate) fn heavy() {
        // SeqCst: store-buffer argument of the module documentation.
        fence(Ordering::SeqCst);
    }
}

pub(crate) use imp::{available, heavy, light};
