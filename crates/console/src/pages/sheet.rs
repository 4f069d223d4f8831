//! Files to download. Knows their names, and not what is in them.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// A file to download.
pub(super) fn download(file: &str, csv: String) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", plain(file));
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, csv).into_response()
}

/// A name that every system takes for a file.
fn plain(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_makes_a_file() {
        assert_eq!(plain("users main/\"north\".csv"), "users_main__north_.csv");
    }
}
