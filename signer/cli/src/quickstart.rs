//! `chancery quickstart [REPO]`: the whole pipeline on a real repository. It leaves a working set-up behind.

mod agent;
mod clean;
mod engine;
mod hook;
mod place;
mod report;
mod tamper;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use signer_client::Credential;
use signer_core::identity::Subject;
use signer_core::protocol::{RegisterAgent, RegisterPerson};
use signer_core::reason::Code;
use signer_wire::Secret;
use signer_wire::message::Login;

use crate::args::elsewhere::Elsewhere;
use crate::args::{AnchorCreate, GrantCreate, PromptSign, PurposeArg, Quickstart, QuickstartAction};
use crate::command::{anchor_create, grant, prompt_sign};
use crate::config::Config;
use crate::evidence::Beside;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{git, programs};

use place::Place;
use tamper::Refused;

/// The agent quick start registers.
const AGENT: &str = "builder";
/// Who signs where git knows nobody.
const NOBODY: &str = "you@quickstart.invalid";

/// Runs the pipeline, or cleans up after earlier runs.
pub(crate) fn perform(config: &Config, arguments: &Quickstart) -> Result<Exit, Failure> {
    match arguments.action {
        Some(QuickstartAction::Clean) => clean::clean(config),
        None => start(config, arguments),
    }
}

/// What a run leaves behind and reports.
struct Outcome {
    engine: String,
    repository: PathBuf,
    base: Option<String>,
    head: String,
    anchor: PathBuf,
    person: Subject,
    prompt: PathBuf,
    artifact: PathBuf,
    verdict: Value,
    refusals: Vec<Refused>,
}

fn start(config: &Config, arguments: &Quickstart) -> Result<Exit, Failure> {
    if let Some(file) = arguments.owner_out.as_deref().filter(|file| file.exists()) {
        return Err(Failure::usage(format_args!("`{}` is there already", file.display())));
    }
    let place = Place::choose(config)?;
    let (config, outcome) = match pipeline(config, arguments, &place) {
        Ok(done) => done,
        Err(failure) => {
            // What is left of a run that failed serves nobody; the failure is told whether it can be removed or not.
            let _left = clean::remove(place.home.path());
            return Err(failure);
        }
    };
    report::report(&config, &outcome)
}

fn pipeline(config: &Config, arguments: &Quickstart, place: &Place) -> Result<(Config, Outcome), Failure> {
    let say = |text: &str| config.output.remark(text);
    say(&format!("1/8  an engine in {}", place.home.path().display()));
    let made = engine::start(place)?;
    let config = config.for_new_home(place.home.clone(), Secret::new(made.owner.expose().to_owned()));
    say("2/8  a person, an agent, a repository");
    let repository = place.repository(arguments)?;
    let person = register(&config, &repository)?;
    say("3/8  the repository adopted: anchor, policy and configuration in one signed commit");
    let anchor = adopt(&config, place, &repository)?;
    let base = git::ask(&repository, &["rev-parse", "--verify", "--quiet", "HEAD~1"]).ok();
    say("4/8  a prompt signed by the person, a grant for the agent");
    let prompt = prompt(&config, place, &repository)?;
    say("5/8  the agent works under that prompt, with real git");
    let artifact = agent::work(&config, place, &repository, &prompt)?;
    say("6/8  the verifier, offline, from the anchor and git objects alone");
    let verdict = verify(&repository, &anchor)?;
    say("7/8  one random bit altered in each kind");
    let refusals = tamper::refusals(&config, place, &repository, &anchor, [&prompt, &artifact])?;
    let head = git::ask(&repository, &["rev-parse", "HEAD"])?;
    let outcome =
        Outcome { engine: made.url, repository, base, head, anchor, person, prompt, artifact, verdict, refusals };
    say("8/8  done");
    engine::hand_out(&config, arguments, &made.owner)?;
    Ok((config, outcome))
}

fn register(config: &Config, repository: &Path) -> Result<Subject, Failure> {
    let mail = git::ask(repository, &["config", "user.email"]).unwrap_or_default();
    let person = match mail.parse::<Subject>() {
        Ok(person @ Subject::Mail(_)) => person,
        _ => NOBODY.parse().map_err(Failure::identity)?,
    };
    let engine = config.engine()?;
    let owner = Credential::new(config.owner()?.expose().to_owned())?;
    engine.register_person(&owner, &RegisterPerson { person: person.clone() })?;
    let agent = RegisterAgent {
        name: AGENT.parse().map_err(Failure::identity)?,
        class: "coder".parse().map_err(Failure::identity)?,
        sponsor: person.clone(),
    };
    engine.register_agent(&owner, &agent)?;
    let login = Login { person: person.to_string(), owner: config.owner()?, terminal: true };
    config.broker()?.login(login).map_err(Failure::wire)?;
    Ok(person)
}

fn adopt(config: &Config, place: &Place, repository: &Path) -> Result<PathBuf, Failure> {
    let out = place.home.path().join("anchor.json");
    let arguments = AnchorCreate {
        repo: repository.to_path_buf(),
        target: None,
        witness_policy: None,
        time_authority: None,
        out: Some(out.clone()),
    };
    anchor_create::adopt(config, &arguments)?;
    hook::install(place.home.path(), repository)?;
    Ok(out)
}

fn prompt(config: &Config, place: &Place, repository: &Path) -> Result<PathBuf, Failure> {
    let file = place.work().join("prompt.md");
    let text = "Add a note named CHANCERY-QUICKSTART.md that says who asked for it and who wrote it.\n";
    std::fs::write(&file, text).map_err(|error| Failure::io(&file, &error))?;
    let elsewhere = Elsewhere { built_in: true, ..Elsewhere::default() };
    let arguments =
        PromptSign { file: file.clone(), repo: repository.to_path_buf(), bundle: None, minutes: 480, elsewhere };
    prompt_sign::signed(config, &arguments, &Beside::of(&file, None)?)?;
    let grant = GrantCreate {
        agent: AGENT.to_owned(),
        repo: repository.to_path_buf(),
        targets: Vec::new(),
        paths: vec!["/".to_owned()],
        tags: false,
        purposes: vec![PurposeArg::Commit, PurposeArg::Artifact],
        minutes: 480,
        max_paths: 10_000,
        max_bytes: 1 << 30,
    };
    grant::sign(config, &grant)?;
    Ok(file)
}

/// The verifier's own answer, as a document.
fn verify(repository: &Path, anchor: &Path) -> Result<Value, Failure> {
    let mut verifier = programs::command(programs::VERIFIER)?;
    verifier.args(["verify", "--all", "--json", "--repo"]).arg(repository).arg("--anchor").arg(anchor);
    answer(&mut verifier)
}

/// Runs one of our programs that answers with one JSON document, whatever its exit code.
fn answer(command: &mut Command) -> Result<Value, Failure> {
    let output = command.output().map_err(|error| Failure::new(Code::InternalIo, error))?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Failure::new(Code::Internal, format_args!("{error}; it said: {said}"))
    })
}

/// Runs one of our programs whose answer does not matter, only that it succeeds.
fn quietly(command: &mut Command) -> Result<(), Failure> {
    let output = command.output().map_err(|error| Failure::new(Code::InternalIo, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let first = said.lines().find_map(|line| line.strip_prefix("error[")?.split_once("]: "));
    Err(match first.and_then(|(code, message)| Some((Code::from_code(code)?, message))) {
        Some((code, message)) => Failure::new(code, message),
        None => Failure::new(Code::Internal, said),
    })
}
