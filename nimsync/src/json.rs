//! Floor 0: writing JSON.
//!
//! A writer of a few lines, so that reports can be read by programs without a
//! feature or a dependency.

use std::fmt::Write;

/// Text that grows by one value.
#[derive(Default)]
pub(crate) struct Json {
    text: String,
    /// Whether a comma is due before the next value.
    comma: bool,
}

impl Json {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if self.comma {
            self.text.push(',');
        }
        self.comma = true;
    }

    fn within(&mut self, ends: [char; 2], inside: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push(ends[0]);
        self.comma = false;
        inside(self);
        self.text.push(ends[1]);
        self.comma = true;
    }

    pub(crate) fn object(&mut self, inside: impl FnOnce(&mut Self)) {
        self.within(['{', '}'], inside);
    }

    pub(crate) fn array(&mut self, inside: impl FnOnce(&mut Self)) {
        self.within(['[', ']'], inside);
    }

    /// Writes the name of a member, whose value comes next.
    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.string(name);
        self.text.push(':');
        self.comma = false;
        self
    }

    pub(crate) fn number(&mut self, number: impl Into<u64>) {
        self.separate();
        let _ = write!(self.text, "{}", number.into());
    }

    /// Writes a number of thousandths as a number with a point.
    pub(crate) fn thousandths(&mut self, number: u64) {
        self.separate();
        let _ = write!(self.text, "{}.{:03}", number / 1000, number % 1000);
    }

    pub(crate) fn string(&mut self, string: &str) {
        self.separate();
        self.text.push('"');
        for c in string.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                // `<` and `>` so that it can stand in a page.
                c if c.is_control() || matches!(c, '<' | '>') => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(c));
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    /// Writes a member if there is a value.
    pub(crate) fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.key(name).string(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn values_are_separated_and_text_is_escaped() {
        let mut json = Json::new();
        json.object(|json| {
            json.key("a").number(1u32);
            json.key("b").array(|json| {
                json.string("x\"\\\n\u{1}</x>");
                json.object(|_| {});
                json.array(|json| json.number(2u32));
            });
            json.maybe("c", None);
            json.maybe("d", Some("e"));
        });
        let expected = r#"{"a":1,"b":["x\"\\\n\u0001\u003c/x\u003e",{},[2]],"d":"e"}"#;
        assert_eq!(json.finish(), expected);
    }
}
