"""Small broken projects: Go and Rust."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case
from tests.ci.corpus.cases_native import GO, RUST

GO_TESTS = {
    "go.mod": "module example.com/acme/shop\n\ngo 1.19\n",
    "shop.go": "package shop\n\nvar Count int\n",
    "cart/cart.go": "package cart\n\ntype Cart struct{ n map[string]int }\n\nfunc (c *Cart) Add(k string) {\n\tc.n[k]++\n}\n\nvar Hits int\n\nfunc Hit() {\n\tHits++\n}\n",
    "cart/cart_test.go": (
        'package cart\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc check(t *testing.T, got, want int) {\n\tt.Helper()\n\tif got != want {\n\t\tt.Errorf("got %d\\nwant %d", got, want)\n\t}\n}\n\n'
        'func TestHelper(t *testing.T) {\n\tcheck(t, 1, 2)\n\tcheck(t, 3, 4)\n}\n\nfunc TestTable(t *testing.T) {\n\tfor _, name := range []string{"a b", "c/d", "ok"} {\n\t\tt.Run(name, func(t *testing.T) {\n\t\t\tt.Logf("looking at %s", name)\n\t\t\tif name != "ok" {\n\t\t\t\tt.Fatalf("no %s", name)\n\t\t\t}\n\t\t})\n\t}\n}\n\n'
        'func TestParallel(t *testing.T) {\n\tt.Run("one", func(t *testing.T) {\n\t\tt.Parallel()\n\t\tt.Error("one is wrong")\n\t})\n\tt.Run("two", func(t *testing.T) {\n\t\tt.Parallel()\n\t\tt.Log("two is fine")\n\t})\n}\n\nfunc TestSkip(t *testing.T) {\n\tt.Skip("cart_test.go:1: not now")\n}\n\nfunc TestFail(t *testing.T) {\n\tt.Fail()\n}\n\n'
        'func TestOutput(t *testing.T) {\n\tos.Stdout.WriteString("lib.go:3: error: printed\\n")\n\tt.Error("after output")\n}\n\nfunc ExampleHit() {\n\tprintln("x")\n\t// Output: y\n}\n'
    ),
    "nil/nil_test.go": 'package nil_test\n\nimport (\n\t"testing"\n\n\t"example.com/acme/shop/cart"\n)\n\nfunc TestNil(t *testing.T) {\n\tvar c cart.Cart\n\tc.Add("x")\n}\n\nfunc TestLater(t *testing.T) {}\n',
    "race/race_test.go": 'package race\n\nimport (\n\t"sync"\n\t"testing"\n)\n\nfunc TestRace(t *testing.T) {\n\tvar wg sync.WaitGroup\n\tn := 0\n\tfor i := 0; i < 2; i++ {\n\t\twg.Add(1)\n\t\tgo func() {\n\t\t\tn++\n\t\t\twg.Done()\n\t\t}()\n\t}\n\twg.Wait()\n}\n',
    "wait/wait_test.go": 'package wait\n\nimport "testing"\n\nfunc TestWait(t *testing.T) {\n\t<-make(chan int)\n}\n',
    "lock/lock_test.go": 'package lock\n\nimport (\n\t"sync"\n\t"testing"\n)\n\nfunc TestLock(t *testing.T) {\n\tvar m sync.Mutex\n\tm.Unlock()\n}\n',
    "main/main_test.go": 'package main\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n\tos.Exit(3)\n}\n',
    "fuzz/fuzz_test.go": 'package fuzz\n\nimport "testing"\n\nfunc FuzzX(f *testing.F) {\n\tf.Add("bad")\n\tf.Fuzz(func(t *testing.T, s string) {\n\t\tif s == "bad" {\n\t\t\tt.Error("found it")\n\t\t}\n\t})\n}\n',
    "build/build_test.go": 'package build\n\nimport "testing"\n\nfunc TestX(t *testing.T) {\n\tvar s string = 1\n}\n',
    "vetted/vetted_test.go": 'package vetted\n\nimport (\n\t"fmt"\n\t"testing"\n)\n\nfunc TestX(t *testing.T) {\n\tfmt.Printf("%d\\n", "text")\n}\n',
}
GO_ERRORS = {
    "go.mod": "module example.com/acme/shop\n\ngo 1.19\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\t"os"\n\n\t"example.com/acme/shop/gone"\n\t"github.com/gone/gone"\n)\n\nfunc main() {\n\tfmt.Println(gone.X)\n}\n',
    "syntax/a.go": "package syntax\n\nfunc F( {\n\treturn 1\n}\n",
    "types/a.go": "package types\n\ntype S struct{}\n\ntype I interface{ M(int) }\n\nvar _ I = S{}\n\nfunc f() (int, error) {\n\treturn 1\n}\n\nfunc g() {\n\tx, y := f(1)\n\tfor i := range 3.5 {\n\t}\n}\n",
    "cycle/a/a.go": 'package a\n\nimport _ "example.com/acme/shop/cycle/b"\n',
    "cycle/b/b.go": 'package b\n\nimport _ "example.com/acme/shop/cycle/a"\n',
    "dup/a.go": "package dup\n\nfunc F() {}\n",
    "dup/b.go": "package dup\n\nfunc F() {}\n",
    "two/a.go": "package one\n",
    "two/b.go": "package two\n",
    "fmt/a.go": "package fmt\n\nfunc  F( ) int{\nreturn  1 }\n",
}
GO_LINT = {
    "go.mod": "module example.com/acme/shop\n\ngo 1.19\n",
    "a.go": 'package shop\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc unused() {}\n\nfunc Exported() error {\n\tos.Remove("x")\n\tx := fmt.Sprintf("no verbs")\n\tx = "again"\n\tif true == false {\n\t\treturn fmt.Errorf("Bad Thing.")\n\t}\n\treturn nil\n}\n',
}
RUST_TESTS = {
    "Cargo.toml": RUST["Cargo.toml"],
    "src/lib.rs": (
        "//! ```\n//! assert_eq!(shop::total(&[1]), 2);\n//! ```\n\npub fn total(prices: &[i32]) -> i32 {\n    prices.iter().sum()\n}\n\n/// ```\n/// let x: i32 = shop::gone();\n/// ```\npub fn pick(prices: &[i32], at: usize) -> i32 {\n    prices[at]\n}\n\n"
        '#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert_eq!(total(&[1, 2]), 4, "the sum of {}", 2);\n    }\n\n    #[test]\n    fn picks() {\n        pick(&[], 3);\n    }\n\n    #[test]\n    fn results() -> Result<(), String> {\n        Err("no result".into())\n    }\n\n    #[test]\n    fn unwraps() {\n        let x: Option<i32> = None;\n        x.unwrap();\n    }\n\n'
        '    #[test]\n    #[should_panic(expected = "no")]\n    fn panics() {\n        panic!("as it should not");\n    }\n\n    #[test]\n    #[should_panic]\n    fn calm() {}\n\n    #[test]\n    #[should_panic]\n    fn fine() {\n        panic!("as it should");\n    }\n\n    #[test]\n    fn threads() {\n        std::thread::spawn(|| panic!("inside")).join().unwrap();\n    }\n}\n'
    ),
    "tests/whole.rs": "#[test]\nfn whole() {\n    assert!(shop::total(&[1]) == 2);\n}\n",
}
RUST_ERRORS = {
    "Cargo.toml": RUST["Cargo.toml"],
    "src/main.rs": (
        'mod gone;\nuse std::fs::Nothing;\n\nstruct S;\n\ntrait T {\n    fn f(&self);\n}\n\nimpl T for S {}\n\nfn longest(a: &str, b: &str) -> &str {\n    a\n}\n\nfn main() {\n    let s = String::new();\n    let t = s;\n    println!("{}", s);\n    let x: i32 = "one";\n    match x {\n        1 => {}\n    }\n    S.g();\n    println!("{} {}", 1);\n}\n'
    ),
}
RUST_SYNTAX = {"Cargo.toml": RUST["Cargo.toml"], "src/main.rs": "fn main() {\n    let x = ;\n    if x {\n"}
RUST_WARN = {
    "Cargo.toml": RUST["Cargo.toml"],
    "src/main.rs": 'use std::collections::HashMap;\n\nfn unused(x: i32) {\n    let mut y = 1;\n}\n\n#[deprecated(note = "use new")]\nfn old() {}\n\nfn main() {\n    old();\n    let v = vec![1];\n    if v.len() == 0 {\n        return;\n    }\n    for i in 0..v.len() {\n        println!("{}", v[i]);\n    }\n}\n',
}
RUST_MACRO = {
    "Cargo.toml": RUST["Cargo.toml"],
    "src/main.rs": 'macro_rules! make {\n    ($x:expr) => {\n        let y: i32 = $x;\n    };\n}\n\nfn main() {\n    make!("one");\n    let n = 1u8 as char as bool;\n    compile_error!("stop here");\n}\n',
}
RUST_BUILD = {
    "Cargo.toml": RUST["Cargo.toml"],
    "build.rs": 'fn main() {\n    println!("cargo:warning=careful");\n    panic!("no compiler found");\n}\n',
    "src/main.rs": "fn main() {}\n",
}
RUST_WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n',
    "crates/a/Cargo.toml": RUST["Cargo.toml"].replace("shop", "a"),
    "crates/a/src/lib.rs": '#[test]\nfn t() {\n    panic!("in a");\n}\n',
    "crates/b/Cargo.toml": RUST["Cargo.toml"].replace("shop", "b"),
    "crates/b/src/lib.rs": "pub fn f() -> i32 {\n    1\n}\n\n#[test]\nfn t() {\n    assert_ne!(f(), 1);\n}\n",
}

CASES = (
    Case("go-test-more", "go", "go test ./cart", GO_TESTS),
    Case("go-test-more-v", "go", "go test -v ./cart", GO_TESTS),
    Case("go-test-json", "go", "go test -json ./cart", GO_TESTS),
    Case("go-test-nil", "go", "go test ./nil", GO_TESTS),
    Case("go-test-nil-v", "go", "go test -v ./nil", GO_TESTS),
    Case("go-test-race", "go", "CGO_ENABLED=1 go test -race ./race", GO_TESTS),
    Case("go-test-timeout", "go", "go test -timeout 1s ./wait", GO_TESTS),
    Case("go-test-fatal", "go", "go test ./lock", GO_TESTS),
    Case("go-test-main", "go", "go test ./main", GO_TESTS),
    Case("go-test-fuzz", "go", "go test ./fuzz", GO_TESTS),
    Case("go-test-build", "go", "go test ./build ./vetted ./cart", GO_TESTS),
    Case("go-test-cover", "go", "go test -cover -count=1 ./...", GO_TESTS | {"wait/wait_test.go": "package wait\n"}),
    Case("gotestsum", "gotestsum", "gotestsum -- ./cart ./nil ./build", GO_TESTS),
    Case("gotestsum-names", "gotestsum", "gotestsum --format testname -- ./cart", GO_TESTS),
    Case("gotestsum-short", "gotestsum", "gotestsum --format short-verbose --no-color -- ./cart ./nil", GO_TESTS),
    Case("gotestsum-dots", "gotestsum", "gotestsum --format dots -- ./cart", GO_TESTS),
    Case("go-build-more", "go", "go build ./...", GO_ERRORS),
    Case("go-build-types", "go", "go build ./types ./syntax ./dup", GO_ERRORS),
    Case("go-build-cycle", "go", "go build ./cycle/a", GO_ERRORS),
    Case("go-build-two", "go", "go build ./two", GO_ERRORS),
    Case("go-run", "go", "go run ./types", GO_ERRORS),
    Case("go-vet-more", "go", "go vet ./types ./fmt", GO_ERRORS),
    Case("go-vet-json", "go", "go vet -json ./vet", GO),
    Case("gofmt-list", "gofmt", "gofmt -l .", GO_ERRORS),
    Case("gofmt-diff", "gofmt", "gofmt -d fmt", GO_ERRORS),
    Case("go-mod", "go", "go build .", {"go.mod": "module x\n\ngo 1.19\n\nrequire bad\n", "a.go": "package x\n"}),
    Case("go-mod-tidy", "go", "GOFLAGS=-mod=mod GOPROXY=off go mod tidy", GO_ERRORS),
    Case(
        "go-mod-verify",
        "go",
        "GOPROXY=off go build .",
        {
            "go.mod": "module x\n\ngo 1.19\n\nrequire github.com/gone/gone v1.0.0\n",
            "a.go": 'package x\n\nimport _ "github.com/gone/gone"\n',
        },
    ),
    Case(
        "go-panic-main",
        "go",
        "go run .",
        {
            "go.mod": "module x\n\ngo 1.19\n",
            "main.go": 'package main\n\nimport "errors"\n\nfunc load() {\n\tpanic(errors.New("no config"))\n}\n\nfunc main() {\n\tload()\n}\n',
        },
    ),
    Case(
        "go-log-fatal",
        "go",
        "go run .",
        {
            "go.mod": "module x\n\ngo 1.19\n",
            "main.go": 'package main\n\nimport "log"\n\nfunc main() {\n\tlog.SetFlags(log.Lshortfile | log.LstdFlags)\n\tlog.Fatal("cannot start")\n}\n',
        },
    ),
    Case(
        "go-generate",
        "go",
        "go generate ./...",
        {"go.mod": "module x\n\ngo 1.19\n", "a.go": "package x\n\n//go:generate no-such-program -x\n"},
    ),
    Case("staticcheck", "go-staticcheck", "go-staticcheck ./...", GO_LINT),
    Case("cargo-test-more", "cargo", "cargo test --offline --color never --no-fail-fast", RUST_TESTS),
    Case("cargo-test-backtrace", "cargo", "RUST_BACKTRACE=1 cargo test --offline --color never --lib", RUST_TESTS),
    Case("cargo-test-quiet", "cargo", "cargo test --offline --color never -q --lib", RUST_TESTS),
    Case(
        "cargo-test-nocapture",
        "cargo",
        "cargo test --offline --color never --lib -- --nocapture --test-threads=1",
        RUST_TESTS,
    ),
    Case("cargo-test-doc", "cargo", "cargo test --offline --color never --doc", RUST_TESTS),
    Case(
        "cargo-test-workspace", "cargo", "cargo test --offline --color never --workspace --no-fail-fast", RUST_WORKSPACE
    ),
    Case("cargo-test-json", "cargo", "cargo test --offline --message-format json --no-run", RUST_ERRORS),
    Case("cargo-errors", "cargo", "cargo check --offline --color never", RUST_ERRORS),
    Case(
        "cargo-errors-colour",
        "cargo",
        "cargo check --offline --color always",
        {k: v.replace("mod gone;\n", "") for k, v in RUST_ERRORS.items()},
    ),
    Case(
        "cargo-errors-short",
        "cargo",
        "cargo check --offline --color never --message-format short",
        {k: v.replace("mod gone;\n", "") for k, v in RUST_ERRORS.items()},
    ),
    Case("cargo-syntax", "cargo", "cargo check --offline --color never", RUST_SYNTAX),
    Case("cargo-warnings", "cargo", "cargo check --offline --color never", RUST_WARN),
    Case("cargo-deny-warnings", "cargo", "RUSTFLAGS='-D warnings' cargo check --offline --color never", RUST_WARN),
    Case("cargo-macro", "cargo", "cargo check --offline --color never", RUST_MACRO),
    Case("cargo-build-script", "cargo", "cargo check --offline --color never", RUST_BUILD),
    Case("cargo-clippy", "cargo", "cargo clippy --offline --color never -- -W clippy::pedantic", RUST_WARN),
    Case("cargo-clippy-deny", "cargo", "cargo clippy --offline --color never -- -D warnings", RUST_WARN),
    Case(
        "cargo-fmt",
        "cargo",
        "cargo fmt --check",
        {
            "Cargo.toml": RUST["Cargo.toml"],
            "src/main.rs": "fn main(){\nlet  x=1;\n}\n\nmod other;\n",
            "src/other.rs": "pub  fn f( ) {}\n",
        },
    ),
    Case(
        "cargo-fmt-list",
        "cargo",
        "cargo fmt -- --check -l",
        {"Cargo.toml": RUST["Cargo.toml"], "src/main.rs": "fn main(){\nlet  x=1;\n}\n"},
    ),
    Case("cargo-fmt-syntax", "cargo", "cargo fmt --check", RUST_SYNTAX),
    Case(
        "cargo-doc",
        "cargo",
        "RUSTDOCFLAGS='-D warnings' cargo doc --offline --color never --no-deps",
        {"Cargo.toml": RUST["Cargo.toml"], "src/lib.rs": "/// See [`Gone`] and <b>x.\npub fn f() {}\n"},
    ),
    Case(
        "cargo-manifest",
        "cargo",
        "cargo check --offline --color never",
        {"Cargo.toml": '[package]\nname = "shop"\nversion = "x"\nedition = "2021"\n', "src/main.rs": ""},
    ),
    Case(
        "cargo-manifest-syntax",
        "cargo",
        "cargo check --offline --color never",
        {"Cargo.toml": '[package\nname = "shop"\n', "src/main.rs": ""},
    ),
    Case(
        "cargo-no-dependency",
        "cargo",
        "cargo check --offline --color never",
        {"Cargo.toml": RUST["Cargo.toml"] + '\n[dependencies]\nserde = "1"\n', "src/main.rs": "fn main() {}\n"},
    ),
    Case(
        "cargo-run-panic",
        "cargo",
        "cargo run --offline --color never -q",
        {
            "Cargo.toml": RUST["Cargo.toml"],
            "src/main.rs": 'fn load() -> Result<i32, std::num::ParseIntError> {\n    "x".parse()\n}\n\nfn main() {\n    load().expect("a number");\n}\n',
        },
    ),
    Case(
        "cargo-run-error",
        "cargo",
        "cargo run --offline --color never -q",
        {
            "Cargo.toml": RUST["Cargo.toml"],
            "src/main.rs": 'fn main() -> Result<(), String> {\n    Err("no config".into())\n}\n',
        },
    ),
    Case(
        "rustc-link",
        "rustc",
        "rustc --color never a.rs",
        {"a.rs": 'extern "C" {\n    fn gone();\n}\n\nfn main() {\n    unsafe { gone() }\n}\n'},
    ),
)
