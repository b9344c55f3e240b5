//! Names of actors.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The name of an actor; one that was given none has its type's, which costs no
/// memory.
#[derive(Clone)]
pub(super) enum Name {
    Type(&'static str),
    Given(Arc<str>),
}

impl Name {
    /// The name of a type without its path and parameters.
    pub(super) fn of_type<A>() -> Self {
        let name = std::any::type_name::<A>();
        let name = name.split('<').next().unwrap_or(name);
        Self::Type(name.rsplit("::").next().unwrap_or(name))
    }

    /// Returns it as what reports have.
    pub(super) fn shared(&self) -> Arc<str> {
        match self {
            Self::Type(name) => (*name).into(),
            Self::Given(name) => name.clone(),
        }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Type(name) => name,
            Self::Given(name) => name,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}
