//! Cells of which each thread has its own.
//!
//! Under loom the threads of a model share one thread of the operating system,
//! so what `std::thread_local!` declares would be common to all of them.

#[cfg(not(loom))]
pub(crate) use std::thread_local;

#[cfg(loom)]
pub(crate) use under_loom::{LocalCell, thread_local};

#[cfg(loom)]
mod under_loom {
    use loom::thread::LocalKey;
    use std::cell::Cell;

    /// What [`thread_local`] declares: the part of std's `LocalKey<Cell<T>>`
    /// that loom's lacks.
    pub(crate) struct LocalCell<T: 'static>(&'static LocalKey<Cell<T>>);

    impl<T: 'static> LocalCell<T> {
        pub(crate) const fn new(key: &'static LocalKey<Cell<T>>) -> Self {
            Self(key)
        }

        pub(crate) fn get(&'static self) -> T
        where
            T: Copy,
        {
            self.0.with(Cell::get)
        }

        pub(crate) fn set(&'static self, value: T) {
            self.0.with(|cell| cell.set(value));
        }

        pub(crate) fn replace(&'static self, value: T) -> T {
            self.0.with(|cell| cell.replace(value))
        }
    }

    macro_rules! local_cells {
        ($($(#[$meta:meta])* static $name:ident: Cell<$value:ty> = const { $init:expr };)*) => {$(
            $(#[$meta])*
            static $name: $crate::prim::LocalCell<$value> = {
                loom::thread_local! {
                    static KEY: Cell<$value> = $init;
                }
                $crate::prim::LocalCell::new(&KEY)
            };
        )*};
    }

    pub(crate) use local_cells as thread_local;
}
