//! The style sheets, the script and the icon: in the program itself, at addresses that change with what is in them.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::pages::error;
use crate::server::App;

/// What a page may load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asset {
    /// How everything looks.
    Style,
    /// How pictures look.
    Pictures,
    /// What makes a page follow what happens.
    Script,
    /// The icon of the browser's tab.
    Icon,
}

const ALL: [Asset; 4] = [Asset::Style, Asset::Pictures, Asset::Script, Asset::Icon];

impl Asset {
    fn text(self) -> &'static str {
        match self {
            Self::Style => include_str!("../assets/console.css"),
            Self::Pictures => include_str!("../assets/pictures.css"),
            Self::Script => include_str!("../assets/console.js"),
            Self::Icon => include_str!("../assets/icon.svg"),
        }
    }

    fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Style => ("console", "css"),
            Self::Pictures => ("pictures", "css"),
            Self::Script => ("console", "js"),
            Self::Icon => ("icon", "svg"),
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Style | Self::Pictures => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Icon => "image/svg+xml",
        }
    }
}

/// Hashes in the order of [`ALL`]: of each as many digits as tell versions apart.
static HASHES: LazyLock<[String; 4]> = LazyLock::new(|| {
    ALL.map(|asset| Sha256::digest(asset.text()).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
});

/// Where a page finds it.
pub(crate) fn href(asset: Asset) -> String {
    let (stem, extension) = asset.name();
    format!("/assets/{stem}-{}.{extension}", hash(asset))
}

fn hash(asset: Asset) -> &'static str {
    let place = ALL.iter().position(|&one| one == asset).unwrap_or_default();
    &HASHES[place]
}

pub(super) fn router() -> Router<App> {
    Router::new().route("/assets/{name}", get(send)).route("/favicon.ico", get(icon))
}

async fn send(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let known = ALL.into_iter().find(|&asset| href(asset).strip_prefix("/assets/") == Some(&name));
    match known {
        Some(asset) => answer(asset, &headers),
        None => error::bare(
            StatusCode::NOT_FOUND,
            "There is no such file",
            "The bridge was updated meanwhile. Load the page again.",
        )
        .into_response(),
    }
}

/// Where browsers look for it unless a page says where it is.
async fn icon() -> Response {
    axum::response::Redirect::temporary(&href(Asset::Icon)).into_response()
}

/// What is at such an address never changes.
fn answer(asset: Asset, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hash(asset));
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let is_known = known.flat_map(|line| line.split(',')).any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { asset.text().into_response() };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("digits and quotes"));
    response
}
