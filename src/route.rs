//! What Postern answers, as data: a method, a path, and who answers.

use futures::future::LocalBoxFuture;

use crate::{
    context::Context,
    platform::{
        Fault,
        http::{Method, Request, Response},
    },
};

/// Answers a request, or says how Postern itself failed.
pub type Handler = for<'a> fn(&'a Context, &'a Request) -> LocalBoxFuture<'a, Result<Response, Fault>>;

/// One entry of a route table.
pub struct Route {
    /// `GET` answers `HEAD` as well (RFC 9110 §9.3.2).
    pub method: Method,
    /// Without a slash at its end. A segment may be `{name}`, which stands for any one where no other route names the path.
    pub path: &'static str,
    pub answer: Handler,
}

/// A route table: `Get "/path" => handler,` line by line.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:path,)*) => {
        &[$($crate::route::Route {
            method: $crate::platform::http::Method::$method,
            path: $path,
            answer: |context, request| ::std::boxed::Box::pin($handler(context, request)),
        }),*]
    };
}

pub(crate) use routes;

impl Route {
    fn fits(&self, path: &str) -> bool {
        let fits = |(own, given): (&str, &str)| if own.starts_with('{') { !given.is_empty() } else { own == given };
        let length = |path: &str| path.split('/').count();
        length(self.path) == length(path) && self.path.split('/').zip(path.split('/')).all(fits)
    }
}

/// The routes of a path, by whatever method.
pub fn at<'r>(routes: impl Iterator<Item = &'r Route> + Clone, path: &str) -> Vec<&'r Route> {
    let named: Vec<_> = routes.clone().filter(|route| route.path == path).collect();
    if named.is_empty() { routes.filter(|route| route.fits(path)).collect() } else { named }
}

/// The segment of that number of a request's path, from 1: what it has in place of a `{name}` there.
pub fn segment(request: &Request, number: usize) -> &str {
    request.path.split('/').nth(number).unwrap_or_default()
}

/// The methods of these routes, as `Allow` lists them.
pub fn allowed(routes: &[&Route]) -> String {
    let names = routes.iter().map(|route| if route.method == Method::Get { "GET, HEAD" } else { route.method.name() });
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::http::Method::{Get, Post};

    async fn nothing(_postern: &Context, _request: &Request) -> Result<Response, Fault> {
        Ok(Response::empty(204))
    }

    const ROUTES: &[Route] = routes! {
        Get "/people" => nothing,
        Get "/people/{id}" => nothing,
        Post "/people/end" => nothing,
        Post "/accounts/{id}/end" => nothing,
    };

    fn methods(path: &str) -> Vec<Method> {
        at(ROUTES.iter(), path).into_iter().map(|route| route.method).collect()
    }

    #[test]
    fn a_name_in_braces_stands_for_any_one_segment_that_no_other_route_names() {
        assert_eq!(methods("/people"), [Get]);
        assert_eq!(methods("/people/7"), [Get]);
        assert_eq!(methods("/people/end"), [Post]);
        assert_eq!(methods("/accounts/7/end"), [Post]);
        for path in ["/people/", "/people/7/8", "/other/7", "/accounts//end", "/accounts/7", "/accounts/7/begin", "/"] {
            assert_eq!(methods(path), [], "{path}");
        }
    }
}
