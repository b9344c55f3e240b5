//! Names of actors.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The name of an actor; one that was given none has its type's, which costs no
/// memory.
#[derive(Clone)]
pub(super) enum Name {
    /// With its path and parameters: seldom is it asked for.
    Type(&'static str),
    Given(Arc<str>),
}

impl Name {
    pub(super) fn of_type<A>() -> Self {
        Self::Type(std::any::type_name::<A>())
    }

    /// Returns it as what reports have.
    pub(super) fn shared(&self) -> Arc<str> {
        match self {
            Self::Type(_) => (**self).into(),
            Self::Given(name) => name.clone(),
        }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Type(path) => {
                let path = path.split('<').next().unwrap_or(path);
                path.rsplit("::").next().unwrap_or(path)
            }
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
