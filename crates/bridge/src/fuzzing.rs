//! Ways in for fuzzing: parts that read what people write, without the disk or the environment.

/// Reads this text as a configuration file, and tells what is wrong with it as `run` would. Every file that it names
/// has the same text in it, and every environment variable is set.
pub fn configuration(text: &str) {
    if let Err(failed) = crate::config::imagine(text) {
        drop(failed.story(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_as_a_whole_and_so_are_the_files_that_it_names() {
        configuration(&crate::config::example());
        configuration("[users]\nmatch_csv = \"users.csv\"\n[mapping]\nfile = \"rules.toml\"\n[nonsense");
        configuration(
            "[[link]]\nname = \"north\"\n[link.users]\nmatch_csv = \"users.csv\"\n[[link]]\n[journal]\nurl = 1\n",
        );
        configuration("");
    }
}
