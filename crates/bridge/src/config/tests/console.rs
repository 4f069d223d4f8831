//! Where the console listens, and that nobody is let in by mistake.

use std::fs;

use secrecy::ExposeSecret;

use super::{GOOD, PLANTED, bad, folder, read_all, with};
use crate::config::{Changes, Console, Effect};

/// The console of the good file with these lines in its section.
fn console(lines: &str) -> Option<Console> {
    read_all(&folder(), &with("console", lines)).unwrap_or_else(|story| panic!("{story}")).0.console
}

#[test]
fn without_a_word_it_listens_on_this_computer_alone() {
    let console = read_all(&folder(), GOOD).unwrap().0.console.unwrap();
    assert_eq!(console.listen.to_string(), "127.0.0.1:8090");
    assert!(console.viewer_tokens.is_empty() && console.admin_tokens.is_empty());
    assert!(console.hosts.is_empty() && console.proxy.is_none());
}

#[test]
fn it_can_be_switched_off_whatever_else_is_said() {
    assert!(console("enabled = false").is_none());
    assert!(console("enabled = false\nlisten = \"0.0.0.0:8090\"").is_none());
    assert!(bad(&with("console", "enabled = false\nlisten = 8090")).contains("expected an address in quotes"));
}

#[test]
fn an_address_that_others_reach_needs_a_token_or_a_proxy() {
    for listen in ["0.0.0.0:8090", "192.0.2.7:80", "[::]:8090", "[2001:db8::1]:443"] {
        let story = bad(&with("console", &format!("listen = \"{listen}\"")));
        assert!(story.contains(&format!("everybody who reaches {listen} could see")), "{story}");
        assert!(story.contains("bridge.toml:13:10") && story.contains("write viewer_token ="), "{story}");
        for key in ["viewer_token", "admin_token"] {
            let lines = format!("listen = \"{listen}\"\n{key} = {{ file = \"secret\" }}");
            assert_eq!(console(&lines).unwrap().listen.to_string(), listen);
        }
        let proxy = "trusted_header = \"X-Forwarded-User\"\ntrusted_peers = [\"192.0.2.1\"]";
        assert!(console(&format!("listen = \"{listen}\"\n{proxy}")).unwrap().proxy.is_some());
    }
    for listen in ["127.0.0.1:0", "127.8.8.8:8090", "[::1]:8090", "[::ffff:127.0.0.1]:8090"] {
        assert_eq!(console(&format!("listen = \"{listen}\"")).unwrap().listen.to_string(), listen);
    }
}

#[test]
fn tokens_are_secrets_one_or_several() {
    let folder = folder();
    fs::write(folder.path().join("second"), "another-h1dden-value").unwrap();
    let lines =
        "viewer_token = [{ env = \"CIC_PASSWORD\" }, { file = \"secret\" }]\nadmin_token = { file = \"second\" }";
    let config = read_all(&folder, &with("console", lines)).unwrap().0;
    let console = config.console.as_ref().unwrap();
    let exposed: Vec<&str> = console.viewer_tokens.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(exposed, [PLANTED, PLANTED]);
    assert_eq!(console.admin_tokens[0].expose_secret(), "another-h1dden-value");
    let shown = format!("{config:?}");
    assert!(!shown.contains(PLANTED) && !shown.contains("another"), "{shown}");
}

#[test]
fn a_token_in_the_file_itself_is_refused_and_never_shown() {
    // `bad` looks for the planted secret in everything that is told.
    for wrong in [
        format!("viewer_token = \"{PLANTED}\""),
        format!("admin_token = [\"{PLANTED}\"]"),
        format!("admin_token = [{{ value = \"{PLANTED}\" }}]"),
        format!("viewer_token = [{{ file = \"nowhere\" }}, \"{PLANTED}\"]"),
        format!("tokens = [\"{PLANTED}\"]"),
        format!("viewer_token = \"{PLANTED}"),
    ] {
        bad(&with("console", &wrong));
    }
    let story = bad(&with("console", "viewer_token = [{ file = \"nowhere\" }]"));
    assert!(story.contains("FOLDER/nowhere") && story.contains("{ file = \"nowhere\" }"), "{story}");
}

#[test]
fn a_token_that_can_be_guessed_or_means_two_things_is_refused() {
    let folder = folder();
    for (name, token) in [("short", "0123456789abcde"), ("blank", "0123456789 abcdef"), ("long", "0123456789abcdef")] {
        fs::write(folder.path().join(name), token).unwrap();
    }
    let story = |lines: &str| read_all(&folder, &with("console", lines)).map(|_| ()).unwrap_err();
    let short = story("viewer_token = { file = \"short\" }");
    assert!(short.contains("at least 16 characters") && short.contains("openssl rand"), "{short}");
    assert!(!short.contains("0123456789"), "{short}");
    assert!(story("admin_token = [{ file = \"long\" }, { file = \"blank\" }]").contains("without a blank"));
    let both = story("viewer_token = { file = \"long\" }\nadmin_token = { file = \"long\" }");
    assert!(both.contains("bridge.toml:14:15") && both.contains("make two tokens"), "{both}");
}

#[test]
fn a_proxy_is_trusted_by_its_address_alone() {
    let all = "trusted_header = \"X-Forwarded-User\"\ntrusted_peers = [\"127.0.0.1\", \"::1\"]\n\
               trusted_admins = [\"ada\"]";
    let proxy = console(all).unwrap().proxy.unwrap();
    assert_eq!((proxy.header.as_str(), proxy.peers.len()), ("x-forwarded-user", 2));
    assert_eq!(proxy.admins, ["ada"]);
    let cases = [
        ("trusted_header = \"X-Forwarded-User\"", "whoever reaches the console could send this header"),
        ("trusted_peers = [\"127.0.0.1\"]", "there is a proxy and no header"),
        ("trusted_admins = [\"ada\"]", "no header that names them"),
        ("trusted_header = \"X Forwarded\"\ntrusted_peers = [\"::1\"]", "is not the name of a header"),
        ("trusted_header = \"X\"\ntrusted_peers = [\"proxy\"]", "\"proxy\" is not an address such as"),
    ];
    for (lines, words) in cases {
        let story = bad(&with("console", lines));
        assert!(story.contains(words), "{lines}: {story}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_all_at_once() {
    let cases = [
        ("listen = \"localhost:8090\"", "\"localhost:8090\" is not an address with a port"),
        ("listen = \"127.0.0.1\"", "write \"127.0.0.1:8090\""),
        ("hosts = [\"https://presence.example.com\"]", "without https://"),
        ("hosts = []", "the list is empty"),
        ("lisen = \"127.0.0.1:1\"", "did you mean \"listen\"?"),
    ];
    for (line, words) in cases {
        let story = bad(&with("console", line));
        assert!(story.contains(words), "{line}: {story}");
    }
    let story = bad(&with("console", "listen = 7\nhosts = [7]\nviewer_token = 7\ntrusted_admins = 7\nenabled = 7"));
    // Whose admins they are is not said either.
    assert!(story.contains("6 problems"), "{story}");
    let hosts = console("hosts = [\"Presence.example.com\", \"presence:8443\", \"[2001:db8::1]:90\"]").unwrap().hosts;
    assert_eq!(hosts.into_iter().collect::<Vec<_>>(), ["[2001:db8::1]:90", "presence.example.com", "presence:8443"]);
}

#[test]
fn it_is_of_the_whole_program_and_changes_at_the_next_start() {
    let folder = folder();
    let all = |text: &str| read_all(&folder, text).unwrap().0;
    let section = "[console]\nviewer_token = { file = \"secret\" }\n";
    let link = |name: &str| {
        let sections = GOOD.replace("[pure", "[link.pure").replace("[gen", "[link.gen").replace("cic.", name);
        format!("[[link]]\nname = \"{name}\"\n{sections}")
    };
    let two = all(&format!("{section}{}{}", link("north"), link("south")));
    assert_eq!(two.console.as_ref().unwrap().viewer_tokens.len(), 1);
    let inside = read_all(&folder, &format!("{}[link.console]\nenabled = false\n", link("north"))).map(|_| ());
    assert!(inside.unwrap_err().contains("unknown section [link.console]"));

    let old = all(&format!("{section}{GOOD}"));
    fs::write(folder.path().join("secret"), "a-new-h1dden-value").unwrap();
    let new = all(&format!("{section}listen = \"127.0.0.1:1\"\n{GOOD}"));
    let changes = Changes::between(&old, &new);
    let later: Vec<String> = changes.of(Effect::AtNextStart).map(ToString::to_string).collect();
    assert_eq!(later, ["[console] listen", "[console] viewer_token", "[genesys_cloud] client_secret"]);
    assert_eq!(changes.of(Effect::AtOnce).count(), 0);
}
