//! An impl block whose bodies are not parsed.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Signature, Token, Type, Visibility, braced, token};

pub(super) struct Ast {
    pub(super) attributes: Vec<Attribute>,
    pub(super) unsafety: Option<Token![unsafe]>,
    pub(super) impl_token: Token![impl],
    pub(super) generics: Generics,
    /// The trait, if it is not an inherent impl.
    pub(super) of_trait: Option<TokenStream>,
    pub(super) actor: Type,
    pub(super) members: Vec<Member>,
}

pub(super) enum Member {
    Method(Box<Method>),
    /// Constants and types, and what is half typed.
    Other(TokenStream),
}

pub(super) struct Method {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
    pub(super) body: Group,
}

impl ToTokens for Method {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attributes,
            visibility,
            signature,
            body,
        } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #signature #body));
    }
}

impl Parse for Ast {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let unsafety = input.parse()?;
        let impl_token = input.parse()?;
        let mut generics: Generics = if input.peek(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let negative: Option<Token![!]> = input.parse()?;
        let first: Type = input.parse()?;
        let for_token: Option<Token![for]> = input.parse()?;
        let (of_trait, actor) = match for_token {
            Some(_) => (Some(quote!(#negative #first)), input.parse()?),
            None => (None, first),
        };
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let mut members = Vec::new();
        while !content.is_empty() {
            members.push(parse_member(&content)?);
        }
        Ok(Self {
            attributes,
            unsafety,
            impl_token,
            generics,
            of_trait,
            actor,
            members,
        })
    }
}

fn parse_member(input: ParseStream<'_>) -> syn::Result<Member> {
    let ahead = input.fork();
    if let Ok(method) = parse_method(&ahead) {
        parse_method(input)?;
        return Ok(Member::Method(Box::new(method)));
    }
    // To the end of the item, as far as tokens show it.
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let last = input.peek(Token![;]) || input.peek(token::Brace);
        tokens.extend([input.parse::<TokenTree>()?]);
        if last {
            break;
        }
    }
    Ok(Member::Other(tokens))
}

fn parse_method(input: ParseStream<'_>) -> syn::Result<Method> {
    Ok(Method {
        attributes: input.call(Attribute::parse_outer)?,
        visibility: input.parse()?,
        signature: input.parse()?,
        body: {
            if !input.peek(token::Brace) {
                return Err(input.error("expected a body"));
            }
            input.parse()?
        },
    })
}
