//! Which handler a path belongs to.

use nimsync::http::Method;

/// The values of the parts in braces, by name.
pub(crate) type Params = Vec<(String, String)>;

/// Routes by pattern, and what belongs to them.
pub(crate) struct Router<T> {
    routes: Vec<Route<T>>,
}

struct Route<T> {
    pattern: Vec<Segment>,
    methods: Vec<(Method, T)>,
}

#[derive(PartialEq, Eq)]
enum Segment {
    Text(String),
    Param(String),
}

/// What there is for a request.
pub(crate) enum Found<'a, T> {
    Route(&'a T, Params),
    /// Something else can be done there: the methods, as a header lists them.
    OtherMethods(String),
    Nothing,
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self { routes: Vec::new() }
    }
}

impl<T> Router<T> {
    /// Adds a route.
    ///
    /// # Panics
    ///
    /// If there is such a route already, or if the pattern is no path: mistakes of
    /// the program.
    pub(crate) fn add(&mut self, method: Method, pattern: &str, value: T) {
        let segments = parse(pattern);
        let at = self.routes.iter().position(|r| r.pattern == segments);
        let at = at.unwrap_or_else(|| {
            self.routes.push(Route {
                pattern: segments,
                methods: Vec::new(),
            });
            self.routes.len() - 1
        });
        let route = &mut self.routes[at];
        let taken = route.methods.iter().any(|(other, _)| *other == method);
        assert!(!taken, "there are two routes for {method} {pattern}");
        route.methods.push((method, value));
    }

    /// Finds the route for a path: of several the one with the most plain text at
    /// the beginning.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_, T> {
        let parts: Vec<&str> = split(path);
        let fitting = self.routes.iter().filter(|route| route.fits(&parts));
        let Some(route) = fitting.max_by_key(|route| route.rank()) else {
            return Found::Nothing;
        };
        // Who asks for the head asks for the page, and hyper leaves the body out.
        let by = |wanted: &Method| route.methods.iter().find(|(m, _)| m == wanted);
        let found = by(method).or_else(|| by(&Method::GET).filter(|_| method == Method::HEAD));
        match found {
            Some((_, value)) => Found::Route(value, route.params(&parts)),
            None => {
                let methods = route.methods.iter().map(|(m, _)| m.as_str());
                Found::OtherMethods(methods.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl<T> Route<T> {
    fn fits(&self, parts: &[&str]) -> bool {
        let fits = |(segment, part): (&Segment, &&str)| match segment {
            Segment::Text(text) => text == part,
            Segment::Param(_) => !part.is_empty(),
        };
        self.pattern.len() == parts.len() && self.pattern.iter().zip(parts).all(fits)
    }

    /// Larger for the one that is to be preferred.
    fn rank(&self) -> Vec<bool> {
        let plain = |segment: &Segment| matches!(segment, Segment::Text(_));
        self.pattern.iter().map(plain).collect()
    }

    fn params(&self, parts: &[&str]) -> Params {
        let pairs = self.pattern.iter().zip(parts);
        let params = pairs.filter_map(|(segment, part)| match segment {
            Segment::Param(name) => Some((name.clone(), (*part).to_owned())),
            Segment::Text(_) => None,
        });
        params.collect()
    }
}

fn parse(pattern: &str) -> Vec<Segment> {
    assert!(
        pattern.starts_with('/'),
        "`{pattern}` does not begin with `/`"
    );
    let segment = |part: &str| {
        let name = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        match name {
            Some(name) => Segment::Param(name.to_owned()),
            None => Segment::Text(part.to_owned()),
        }
    };
    split(pattern).into_iter().map(segment).collect()
}

fn split(path: &str) -> Vec<&str> {
    path.trim_start_matches('/').split('/').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router<&'static str> {
        let mut router = Router::default();
        router.add(Method::GET, "/", "home");
        router.add(Method::GET, "/users/{id}", "user");
        router.add(Method::POST, "/users/{id}", "change");
        router.add(Method::GET, "/users/me", "me");
        router.add(Method::GET, "/{kind}/{id}/edit", "edit");
        router
    }

    fn found(method: Method, path: &str) -> (String, Params) {
        match router().find(&method, path) {
            Found::Route(value, params) => ((*value).to_owned(), params),
            Found::OtherMethods(allowed) => (format!("only {allowed}"), Vec::new()),
            Found::Nothing => ("nothing".to_owned(), Vec::new()),
        }
    }

    fn named(method: Method, path: &str) -> String {
        found(method, path).0
    }

    #[test]
    fn parts_in_braces_stand_for_anything() {
        let param = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (name, params) = found(Method::GET, "/users/7");
        assert_eq!((&*name, params), ("user", vec![param("id", "7")]));
        let (name, params) = found(Method::GET, "/dogs/rex/edit");
        let both = vec![param("kind", "dogs"), param("id", "rex")];
        assert_eq!((&*name, params), ("edit", both));
        assert_eq!(named(Method::GET, "/users/"), "nothing");
        assert_eq!(named(Method::GET, "/users/7/8"), "nothing");
    }

    #[test]
    fn plain_text_is_preferred() {
        assert_eq!(named(Method::GET, "/users/me"), "me");
        assert_eq!(named(Method::GET, "/"), "home");
    }

    #[test]
    fn other_methods_are_named() {
        assert_eq!(named(Method::DELETE, "/users/7"), "only GET, POST");
        assert_eq!(named(Method::HEAD, "/users/7"), "user");
        assert_eq!(named(Method::POST, "/nowhere"), "nothing");
    }

    #[test]
    #[should_panic(expected = "two routes for GET /users/{id}")]
    fn a_route_is_added_once() {
        router().add(Method::GET, "/users/{id}", "again");
    }
}
