//! The kinds of repositories that are not as they should be, each with what shall become of it: states that people leave behind,
//! damage, and traps.

use super::templates;
use super::tree::{BRANCH, Ground, TEMPLATE};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

/// A kind of repository.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) make: fn(&mut Ground<'_>),
    /// Status and reason of its row with a branch; empty where it depends on its content.
    pub(crate) on_branch: &'static str,
    /// The same in the work tree.
    pub(crate) in_place: &'static str,
}

const fn kind(
    name: &'static str,
    make: fn(&mut Ground<'_>),
    on_branch: &'static str,
    in_place: &'static str,
) -> Kind {
    Kind { name, make, on_branch, in_place }
}

/// All kinds.
pub(crate) const KINDS: &[Kind] = &[
    kind("bare", bare, "changed", "failed bare"),
    kind("detached", detached, "changed", "changed"),
    kind("shallow", shallow, "changed", "changed"),
    kind("sparse", sparse, "changed", "changed"),
    kind("trees", work_trees, "changed", "changed"),
    kind("otherwise-dirty", otherwise_dirty, "changed", "changed"),
    kind("dirty", dirty, "failed uncommitted", "failed uncommitted"),
    kind("staged", staged, "failed uncommitted", "failed uncommitted"),
    kind("merging", merging, "failed in-progress", "failed in-progress"),
    kind("rebasing", rebasing, "failed in-progress", "failed in-progress"),
    kind("locked", locked, "changed", "failed locked"),
    kind("unborn", unborn, "skipped no-commit", "skipped no-commit"),
    kind("no-head", no_head, "failed broken-repository", "failed broken-repository"),
    kind("no-blob", no_blob, "failed missing-object", "failed uncommitted"),
    kind("no-tree", no_tree, "failed broken-repository", "failed broken-repository"),
    kind("no-index", torn_index, "failed broken-repository", "failed broken-repository"),
    kind("outer", submodule, "changed", "changed"),
    kind("nested", nested, "changed", "changed"),
    kind("odd-texts", odd_texts, "partial syntax", "partial syntax"),
    kind("texts", no_templates, "no-templates", "no-templates"),
    kind("empty", empty, "no-templates", "no-templates"),
    kind("huge", huge, "changed", "changed"),
    kind("deep", deep, "changed", "changed"),
    kind("names", names, "changed", "changed"),
    kind("read-only", read_only, "changed", "partial unwritable"),
    kind("widening", widening, "changed", "changed"),
    kind("wrong-config", wrong_config, "failed config", "failed config"),
    kind("traps", traps, "changed", "changed"),
    kind("hooks-path", hooks_path, "changed", "changed"),
    kind("other-tree", other_tree, "failed work-tree-elsewhere", "failed work-tree-elsewhere"),
    kind("git-file", git_file, "failed git-dir-elsewhere", "failed git-dir-elsewhere"),
    kind("git-link", git_link, "failed git-dir-elsewhere", "failed git-dir-elsewhere"),
    kind("common-dir", common_dir, "failed git-dir-elsewhere", "failed git-dir-elsewhere"),
    kind("committed-link", committed_link, "changed", "changed"),
    kind("file-by-link", file_by_link, "failed uncommitted", "failed linked-file"),
    kind("folder-by-link", folder_by_link, "failed uncommitted", "failed linked-file"),
    kind("linked-branch", linked_branch, "failed linked-git-dir", "changed"),
    kind("linked-objects", linked_objects, "failed linked-git-dir", "failed linked-git-dir"),
    kind("linked-records", linked_records, "changed", "failed linked-git-dir"),
    kind("branch-taken", branch_taken, "failed branch-exists", "changed"),
    kind("branch-above", branch_above, "failed branch-exists", "changed"),
    kind("branch-below", branch_below, "failed branch-exists", "changed"),
    kind("branch-symbolic", branch_symbolic, "failed branch-exists", "changed"),
    kind("replaced", replaced, "changed", "changed"),
    kind("borrowing", borrowing, "changed", "changed"),
];

fn bare(ground: &mut Ground<'_>) {
    ground.one();
    ground.git(&["clone", "-q", "--bare", ".git", "../clone.tmp"]);
    fs::remove_dir_all(&ground.folder).expect("the folder is ours");
    fs::rename(ground.folder.with_file_name("clone.tmp"), &ground.folder).expect("the folder is ours");
}

fn detached(ground: &mut Ground<'_>) {
    ground.one();
    ground.git(&["checkout", "-q", "--detach"]);
}

fn shallow(ground: &mut Ground<'_>) {
    ground.one();
    ground.commit();
    let origin = format!("file://{}", ground.folder.display());
    ground.git(&["clone", "-q", "--depth", "1", &origin, "../clone.tmp"]);
    fs::remove_dir_all(&ground.folder).expect("the folder is ours");
    fs::rename(ground.folder.with_file_name("clone.tmp"), &ground.folder).expect("the folder is ours");
}

fn sparse(ground: &mut Ground<'_>) {
    ground.write("in/template.yaml", TEMPLATE.as_bytes());
    ground.write("out/template.yaml", TEMPLATE.as_bytes());
    ground.commit();
    ground.git(&["sparse-checkout", "set", "--cone", "in"]);
    assert!(!ground.at("out").exists());
}

/// Work trees share the branches of the repository that they belong to, whatever is checked out in them.
fn work_trees(ground: &mut Ground<'_>) {
    ground.one();
    ground.git(&["branch", "older"]);
    ground.write("other/template.yaml", TEMPLATE.as_bytes());
    ground.commit();
    let name = ground.folder.file_name().expect("it has a name").to_string_lossy().into_owned();
    ground.git(&["worktree", "add", "-q", "--detach", &format!("../{name}-same")]);
    ground.git(&["worktree", "add", "-q", &format!("../{name}-older"), "older"]);
    ground.git(&["worktree", "add", "-q", &format!("../0-{name}-older"), "older~0"]);
}

fn otherwise_dirty(ground: &mut Ground<'_>) {
    ground.write("README.md", b"# A\n");
    ground.one();
    ground.write("README.md", b"# B\n");
    ground.write("new.yaml", TEMPLATE.as_bytes());
}

fn dirty(ground: &mut Ground<'_>) {
    ground.one();
    ground.write("template.yaml", format!("{TEMPLATE}# mine\n").as_bytes());
}

fn staged(ground: &mut Ground<'_>) {
    dirty(ground);
    ground.git(&["add", "template.yaml"]);
    ground.write("template.yaml", TEMPLATE.as_bytes());
}

/// A change of the README on `main` and another one on `side`.
fn forked(ground: &mut Ground<'_>) {
    ground.one();
    ground.git(&["checkout", "-q", "-b", "side"]);
    ground.write("README.md", b"# side\n");
    ground.commit();
    ground.git(&["checkout", "-q", "main"]);
    ground.write("README.md", b"# main\n");
    ground.commit();
}

fn merging(ground: &mut Ground<'_>) {
    forked(ground);
    stopped(ground, &["merge", "-q", "side"]);
    assert!(ground.at(".git/MERGE_HEAD").exists());
}

fn rebasing(ground: &mut Ground<'_>) {
    forked(ground);
    stopped(ground, &["rebase", "-q", "side"]);
    assert!(ground.at(".git/rebase-merge").exists());
}

/// Runs a git command that stops because of a conflict.
fn stopped(ground: &Ground<'_>, args: &[&str]) {
    let done = super::tree::git_command(&ground.folder).args(args).output().expect("git is there");
    assert!(!done.status.success(), "git {args:?}");
}

fn locked(ground: &mut Ground<'_>) {
    ground.one();
    ground.write(".git/index.lock", b"");
}

fn unborn(ground: &mut Ground<'_>) {
    ground.git(&["init", "-q", "-b", "main"]);
    ground.write("template.yaml", TEMPLATE.as_bytes());
}

fn no_head(ground: &mut Ground<'_>) {
    ground.one();
    ground.write(".git/HEAD", b"\0\0\0\0");
}

/// Removes an object.
fn lose(ground: &Ground<'_>, name: &str) {
    let hash = ground.git(&["rev-parse", name]);
    let path = ground.at(&format!(".git/objects/{}/{}", &hash[..2], &hash[2..]));
    fs::remove_file(path).expect("a loose object");
}

fn no_blob(ground: &mut Ground<'_>) {
    ground.one();
    lose(ground, "HEAD:template.yaml");
}

fn no_tree(ground: &mut Ground<'_>) {
    ground.one();
    lose(ground, "HEAD^{tree}");
    ground.write(".git/index", b"");
}

fn torn_index(ground: &mut Ground<'_>) {
    ground.one();
    ground.write(".git/index", b"DIRC and nothing more");
}

fn submodule(ground: &mut Ground<'_>) {
    ground.write("origin/template.yaml", TEMPLATE.as_bytes());
    let origin = ground.at("origin");
    for args in [&["init", "-q", "-b", "main"][..], &["add", "--all"], &["commit", "-q", "-m", "t"]] {
        super::tree::git(&origin, args);
    }
    let kept = ground
        .outside
        .join(format!("{}-origin", ground.folder.file_name().expect("a name").to_string_lossy()));
    fs::rename(&origin, &kept).expect("the folder is ours");
    ground.one();
    ground.git(&["submodule", "--quiet", "add", &kept.display().to_string(), "sub"]);
    ground.commit();
}

fn nested(ground: &mut Ground<'_>) {
    ground.write(".gitignore", b"inner/\n");
    ground.one();
    let outer = ground.folder.clone();
    ground.folder.push("inner");
    fs::create_dir(&ground.folder).expect("the folder is ours");
    ground.one();
    ground.folder = outer;
}

fn odd_texts(ground: &mut Ground<'_>) {
    for (name, text) in templates::ODD {
        ground.write(name, text.as_bytes());
    }
    ground.one();
}

fn no_templates(ground: &mut Ground<'_>) {
    ground.write("plain.yaml", b"Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n");
    ground.write("main.tf", b"resource {}\n");
    ground.commit();
}

fn empty(ground: &mut Ground<'_>) {
    ground.commit();
}

fn huge(ground: &mut Ground<'_>) {
    ground.write("huge.yaml", "- {a: 1, b: [2, 3]}\n".repeat(400_000).as_bytes());
    ground.write("huge.json", &vec![b'['; 3_000_000]);
    ground.one();
}

fn deep(ground: &mut Ground<'_>) {
    ground.write("d/".repeat(60) + "template.yaml", TEMPLATE.as_bytes());
    ground.one();
}

fn names(ground: &mut Ground<'_>) {
    let names: [&[u8]; 8] = [
        b"-rf.yaml",
        b"--output=x.yaml",
        b"new\nline.yaml",
        b"\xff\xfe.yaml",
        b"</script><img src=x onerror=alert(1)>.yaml",
        b"\"quoted\" 'name'\t.yaml",
        b"a => b {c} | `d` $(e).yaml",
        "\u{202e}lmay.yaml".as_bytes(),
    ];
    for name in names {
        ground.write(OsStr::from_bytes(name), TEMPLATE.as_bytes());
    }
    ground.one();
}

fn read_only(ground: &mut Ground<'_>) {
    use std::os::unix::fs::PermissionsExt;
    ground.write("other.yaml", TEMPLATE.as_bytes());
    ground.one();
    let mode = fs::Permissions::from_mode(0o444);
    fs::set_permissions(ground.at("other.yaml"), mode).expect("the file is ours");
}

fn widening(ground: &mut Ground<'_>) {
    ground.write(".samwire.yaml", b"accept: any\ndrop-rest: true\nexternal: true\n");
    ground.one();
}

fn wrong_config(ground: &mut Ground<'_>) {
    ground.write(".samwire.yaml", b"<script>: [\n");
    ground.one();
}

/// Settings whose value is a program.
const PROGRAMS: [&str; 16] = [
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.x.textconv",
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "merge.x.driver",
    "gpg.program",
    "uploadpack.packObjectsHook",
    "hook.evil.command",
];

/// Hooks that a commit, a branch or a look at files could run.
const HOOKS: [&str; 8] = [
    "reference-transaction",
    "post-index-change",
    "pre-commit",
    "commit-msg",
    "prepare-commit-msg",
    "post-commit",
    "post-checkout",
    "fsmonitor-watchman",
];

fn traps(ground: &mut Ground<'_>) {
    ground.write(".gitattributes", b"*.yaml filter=x diff=x merge=x\n");
    ground.one();
    let program = ground.at(".git/trap");
    ground.trap(&program);
    for hook in HOOKS {
        ground.trap(&ground.at(&format!(".git/hooks/{hook}")));
    }
    let mut config = fs::read_to_string(ground.at(".git/config")).expect("it is text");
    for key in PROGRAMS {
        let (section, name) = key.rsplit_once('.').expect("a section");
        let section = section.split_once('.').map_or(section.to_owned(), |(a, b)| format!("{a} \"{b}\""));
        config += &format!("[{section}]\n\t{name} = {}\n", program.display());
    }
    config += "[hook \"evil\"]\n\tevent = reference-transaction\n\tevent = post-index-change\n";
    config += "[commit]\n\tgpgSign = true\n[gc]\n\tauto = 1\n[filter \"x\"]\n\trequired = true\n";
    config += &format!("[alias]\n\tls-tree = !{0}\n\tcat-file = !{0}\n", program.display());
    ground.write(".git/config", config.as_bytes());
}

fn hooks_path(ground: &mut Ground<'_>) {
    for hook in HOOKS {
        ground.trap(&ground.at(&format!("hooks/{hook}")));
    }
    ground.one();
    ground.git(&["config", "core.hooksPath", "hooks"]);
}

fn other_tree(ground: &mut Ground<'_>) {
    ground.one();
    let elsewhere = ground.outside.display().to_string();
    ground.git(&["config", "core.worktree", &elsewhere]);
}

/// Moves the git directory to outside of all repositories.
fn move_out(ground: &Ground<'_>, part: &str) -> std::path::PathBuf {
    let name = ground.folder.file_name().expect("it has a name").to_string_lossy().into_owned();
    let kept = ground.outside.join(name);
    fs::rename(ground.at(part), &kept).expect("the folder is ours");
    kept
}

fn git_file(ground: &mut Ground<'_>) {
    ground.one();
    let kept = move_out(ground, ".git");
    ground.write(".git", format!("gitdir: {}\n", kept.display()).as_bytes());
}

fn git_link(ground: &mut Ground<'_>) {
    ground.one();
    symlink(move_out(ground, ".git"), ground.at(".git")).expect("a link");
}

fn common_dir(ground: &mut Ground<'_>) {
    ground.one();
    let kept = move_out(ground, ".git");
    ground.write(".git/HEAD", b"ref: refs/heads/main\n");
    ground.write(".git/commondir", format!("{}\n", kept.display()).as_bytes());
}

fn committed_link(ground: &mut Ground<'_>) {
    symlink(ground.outside.join("template.yaml"), ground.at("link.yaml")).expect("a link");
    symlink(ground.outside.join("folder"), ground.at("folder")).expect("a link");
    symlink("template.yaml", ground.at("inner.yaml")).expect("a link");
    ground.one();
}

fn file_by_link(ground: &mut Ground<'_>) {
    ground.one();
    fs::remove_file(ground.at("template.yaml")).expect("it is there");
    symlink(ground.outside.join("template.yaml"), ground.at("template.yaml")).expect("a link");
}

fn folder_by_link(ground: &mut Ground<'_>) {
    ground.write("folder/template.yaml", TEMPLATE.as_bytes());
    ground.commit();
    fs::remove_dir_all(ground.at("folder")).expect("it is there");
    symlink(ground.outside.join("folder"), ground.at("folder")).expect("a link");
}

fn linked_branch(ground: &mut Ground<'_>) {
    ground.one();
    let (first, _) = BRANCH.split_once('/').expect("a branch in a folder");
    symlink(ground.outside.join("folder"), ground.at(&format!(".git/refs/heads/{first}"))).expect("a link");
}

fn linked_objects(ground: &mut Ground<'_>) {
    ground.one();
    symlink(move_out(ground, ".git/objects"), ground.at(".git/objects")).expect("a link");
}

fn linked_records(ground: &mut Ground<'_>) {
    ground.one();
    symlink(ground.outside.join("folder"), ground.at(".git/samwire")).expect("a link");
}

fn branch_taken(ground: &mut Ground<'_>) {
    ground.one();
    ground.git(&["branch", BRANCH]);
}

fn branch_above(ground: &mut Ground<'_>) {
    ground.one();
    let (first, _) = BRANCH.split_once('/').expect("a branch in a folder");
    ground.git(&["branch", first]);
}

fn branch_below(ground: &mut Ground<'_>) {
    ground.one();
    ground.git(&["branch", &format!("{BRANCH}/x")]);
}

fn branch_symbolic(ground: &mut Ground<'_>) {
    ground.one();
    ground.git(&["symbolic-ref", &format!("refs/heads/{BRANCH}"), "refs/heads/main"]);
}

/// What git shows in place of an object that it was told to replace.
fn replaced(ground: &mut Ground<'_>) {
    ground.write("template.yaml", b"Transform: AWS::Serverless-2016-10-31\nResources: {}\n");
    ground.commit();
    let other = ground.git(&["rev-parse", "HEAD^{tree}"]);
    ground.one();
    let tree = ground.git(&["rev-parse", "HEAD^{tree}"]);
    ground.git(&["replace", &tree, &other]);
}

fn borrowing(ground: &mut Ground<'_>) {
    ground.one();
    let kept = move_out(ground, ".git/objects");
    ground.write(".git/objects/info/alternates", format!("{}\n", kept.display()).as_bytes());
}
