//! A real Keycloak, fetched by Maven and started in its development mode with a realm of ours, for the tests that prove
//! Postern against it and for `cargo xtask dev --keycloak`. Nothing else needs Maven or Java.

use crate::{
    check::{self, cargo},
    process,
    service::Service,
    workspace::Workspace,
    wrangler,
};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const VERSION: &str = "26.7.3";

/// The oldest Java that Keycloak's server runs on.
const OLDEST_JAVA: u32 = 17;

/// What is imported at each start, and what a second realm of the tests is made of.
const REALM: &str = "sandbox/keycloak/acme-realm.json";

/// Who administers the Keycloak that is started here; it is reached from this machine alone, and forgets everything.
pub(crate) const ADMINISTRATOR: (&str, &str) = ("admin", "postern");

/// Proves Postern with the tokens of a real Keycloak, or says in a line why not.
pub(crate) fn layer(workspace: &Workspace) -> Result<()> {
    let home = match home(workspace) {
        Ok(home) => home,
        Err(reason) => {
            eprintln!("Keycloak's tests did not run: {reason:#}");
            return Ok(());
        }
    };
    let (port, management) = (free_port()?, free_port()?);
    let mut keycloak = start(workspace, &home, port, management)?;
    keycloak.wait_until_ready()?;
    let arguments = ["test", "--package", check::BLACK_BOX, "--features", "keycloak", "--test", "keycloak"];
    let mut test = cargo(workspace, &arguments);
    // One at a time: they change the one realm, and Keycloak its only keys.
    test.args(["--", "--test-threads=1"]);
    test.env("KEYCLOAK_URL", format!("http://127.0.0.1:{port}")).env("KEYCLOAK_REALM", workspace.path(REALM));
    test.env("KEYCLOAK_ADMINISTRATOR", ADMINISTRATOR.0).env("KEYCLOAK_PASSWORD", ADMINISTRATOR.1);
    wrangler::silence(workspace, &mut test)?;
    process::run("the tests with Keycloak", &mut test)
}

/// Starts Keycloak with the realm. It answers a good while later: see [`Service::wait_until_ready`].
pub(crate) fn start(workspace: &Workspace, home: &Path, port: u16, management: u16) -> Result<Service> {
    let import = home.join("data/import");
    fs::create_dir_all(&import)
        .and_then(|()| fs::copy(workspace.path(REALM), import.join("acme-realm.json")))
        .with_context(|| format!("the realm could not be put into {}", import.display()))?;
    let mut command = process::program("bash");
    command.arg(home.join("bin/kc.sh")).args(["start-dev", "--import-realm", "--cache=local", "--db=dev-mem"]);
    command.args(["--health-enabled=true", "--http-host=127.0.0.1"]);
    command.arg(format!("--http-port={port}")).arg(format!("--http-management-port={management}"));
    // Left to itself the heap grows to 70 % of the machine.
    command.env("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
    command.env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMINISTRATOR.0).env("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMINISTRATOR.1);
    eprintln!("starting Keycloak {VERSION}: half a minute to two");
    Service::start(workspace, "keycloak", command, format!("http://127.0.0.1:{management}/health/ready"))
}

/// Where Keycloak is unpacked; Maven fetches it once and keeps it in its own cache.
///
/// # Errors
/// Where it cannot be had on this machine, in words that say what is missing.
pub(crate) fn home(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("keycloak");
    let home = folder.join(format!("keycloak-{VERSION}"));
    let java = said_by("java", "-version");
    let is_unpacked = home.join("bin/kc.sh").is_file();
    match way_to_have_it(java.as_deref(), is_unpacked, || said_by("mvn", "-version").is_some())? {
        Way::Unpacked => {}
        Way::Fetch => fetch(&folder)?,
    }
    Ok(home)
}

/// What a program says of its version, on whichever stream; `None` where it is not there or fails.
fn said_by(program: &str, option: &str) -> Option<String> {
    let output = Command::new(program).arg(option).output().ok().filter(|output| output.status.success())?;
    Some(format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout)))
}

/// How Keycloak is to be had.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    Unpacked,
    /// By Maven.
    Fetch,
}

/// Decides by what `java -version` says, whether Keycloak has been unpacked before, and whether there is Maven.
///
/// # Errors
/// In words that say what the machine lacks.
fn way_to_have_it(java: Option<&str>, is_unpacked: bool, has_maven: impl FnOnce() -> bool) -> Result<Way> {
    let output =
        java.with_context(|| format!("it needs Java {OLDEST_JAVA} or newer, and there is no `java` that runs"))?;
    let version = java_version(output).with_context(|| format!("`java -version` says {output:?}"))?;
    ensure!(version >= OLDEST_JAVA, "it needs Java {OLDEST_JAVA} or newer, and this is {version}");
    if is_unpacked {
        return Ok(Way::Unpacked);
    }
    ensure!(has_maven(), "Maven fetches it, and there is no `mvn` that runs");
    Ok(Way::Fetch)
}

fn fetch(folder: &Path) -> Result<()> {
    eprintln!("fetching Keycloak {VERSION} by Maven, once: 180 MB");
    fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    let mut unpack = process::program("mvn");
    unpack.current_dir(folder); // where it leaves a note of what it unpacked
    unpack.args(["-q", "-B", "dependency:unpack"]).stdout(Stdio::null());
    unpack.arg(format!("-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"));
    unpack.arg(format!("-DoutputDirectory={}", folder.display()));
    process::run_quietly("Maven, which fetches Keycloak,", &mut unpack)
}

/// The feature release that `java -version` names: 17 of `openjdk version "17.0.15" 2025-04-15`, 8 of `"1.8.0_402"`.
fn java_version(output: &str) -> Option<u32> {
    let (_, rest) = output.split_once("version \"")?;
    let version = rest.strip_prefix("1.").unwrap_or(rest);
    version.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("there is no free port")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::{REALM, Way, java_version, way_to_have_it};
    use crate::workspace::Workspace;
    use serde_json::{Value, json};
    use std::fs;

    const JAVA: Option<&str> = Some("openjdk version \"21.0.8\" 2025-07-15");

    /// Why Keycloak cannot be had.
    fn lack(java: Option<&str>, is_unpacked: bool, has_maven: bool) -> String {
        way_to_have_it(java, is_unpacked, || has_maven).expect_err("something is missing").to_string()
    }

    #[test]
    fn keycloak_is_fetched_once() {
        assert_eq!(way_to_have_it(JAVA, false, || true).ok(), Some(Way::Fetch));
        assert_eq!(way_to_have_it(JAVA, true, || panic!("nobody looks for Maven")).ok(), Some(Way::Unpacked));
    }

    #[test]
    fn what_the_machine_lacks_for_keycloak_is_said() {
        assert!(lack(None, true, true).contains("there is no `java`"));
        assert!(lack(Some("openjdk version \"11.0.2\""), true, true).contains("and this is 11"));
        assert!(lack(Some("something else"), true, true).contains("something else"));
        assert!(lack(JAVA, false, false).contains("there is no `mvn`"));
    }

    /// What the README tells an operator to set, in its own words, and where that is in the realm of the tests.
    #[test]
    fn the_readme_tells_operators_to_set_what_the_realm_of_the_tests_has() {
        let workspace = Workspace::find().expect("the checkout");
        let read = |file: &str| fs::read_to_string(workspace.path(file)).expect("a file of the checkout");
        let readme = read("README.md").split_whitespace().collect::<Vec<_>>().join(" ");
        let realm: Value = serde_json::from_str(&read(REALM)).expect("JSON");
        let table = [
            ("id `postern`", "/clients/0/clientId", json!("postern")),
            ("*Client authentication* on", "/clients/0/publicClient", json!(false)),
            ("*Standard flow* alone", "/clients/0/standardFlowEnabled", json!(true)),
            ("*Standard flow* alone", "/clients/0/implicitFlowEnabled", json!(false)),
            ("*Standard flow* alone", "/clients/0/directAccessGrantsEnabled", json!(false)),
            ("Code Challenge Method*: S256", "/clients/0/attributes/pkce.code.challenge.method", json!("S256")),
            ("*Front channel logout* off", "/clients/0/frontchannelLogout", json!(false)),
            (
                "*Backchannel logout session required* on",
                "/clients/0/attributes/backchannel.logout.session.required",
                json!("true"),
            ),
            (
                "*Backchannel logout revoke offline sessions* off",
                "/clients/0/attributes/backchannel.logout.revoke.offline.tokens",
                json!("false"),
            ),
            (
                "claim name `realm_access.roles`",
                "/clients/0/protocolMappers/0/config/claim.name",
                json!("realm_access.roles"),
            ),
            (
                "*Multivalued* and *Add to ID token* on; *Group",
                "/clients/0/protocolMappers/0/config/multivalued",
                json!("true"),
            ),
            (
                "*Multivalued* and *Add to ID token* on; *Group",
                "/clients/0/protocolMappers/0/config/id.token.claim",
                json!("true"),
            ),
            ("token claim name `groups`", "/clients/0/protocolMappers/1/config/claim.name", json!("groups")),
            ("*Add to ID token* on, so", "/clients/0/protocolMappers/1/config/id.token.claim", json!("true")),
            ("*Realm settings → Tokens → Revoke Refresh Token*: on", "/revokeRefreshToken", json!(true)),
            ("*Refresh Token Max Reuse* 0", "/refreshTokenMaxReuse", json!(0)),
        ];
        for (words, pointer, value) in table {
            assert!(readme.contains(words), "the README does not say {words:?}");
            assert_eq!(realm.pointer(pointer), Some(&value), "{pointer}");
        }
    }

    #[test]
    fn the_feature_release_of_java_is_read_in_its_old_and_its_new_spelling() {
        assert_eq!(java_version("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK"), Some(17));
        assert_eq!(java_version("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(java_version("java version \"1.8.0_402\""), Some(8));
        assert_eq!(java_version("command not found"), None);
    }
}
