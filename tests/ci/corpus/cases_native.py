"""Small broken projects: compiled languages."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case

C = {
    "main.c": '#include <stdio.h>\n#include "util.h"\n\nint main(void) {\n    int x = "text";\n    int unused;\n    puts(undeclared);\n    return gone(x)\n}\n',
    "util.h": "int gone(int);\n",
    "link.c": "int gone(int);\nint main(void) { return gone(1); }\n",
    "san.c": "#include <stdlib.h>\nint main(void) {\n    int *p = malloc(4);\n    free(p);\n    return *p;\n}\n",
}
CPP = {
    "a.cpp": "#include <vector>\n#include <string>\n#include <algorithm>\n\nstruct S { int v; };\n\nint main() {\n    std::vector<S> items;\n    std::sort(items.begin(), items.end());\n    std::string s = 5;\n    int unused = 0;\n    return missing;\n}\n",
}
GO = {
    "go.mod": "module example.com/acme/shop\n\ngo 1.19\n",
    "cart/cart.go": "package cart\n\nfunc Total(prices []int) int {\n\tsum := 0\n\tfor _, p := range prices {\n\t\tsum += p\n\t}\n\treturn sum\n}\n\nfunc Pick(p []int, i int) int {\n\treturn p[i]\n}\n",
    "cart/cart_test.go": (
        'package cart\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) {\n\tt.Log("starting")\n\tif got := Total([]int{1, 2}); got != 4 {\n\t\tt.Errorf("got %d, want 4", got)\n\t}\n}\n\n'
        'func TestNames(t *testing.T) {\n\tt.Run("empty", func(t *testing.T) {\n\t\tt.Fatal("no names")\n\t})\n\tt.Run("ok", func(t *testing.T) {\n\t\tt.Log("fine")\n\t})\n}\n\nfunc TestFine(t *testing.T) {\n\tt.Log("nothing wrong")\n}\n'
    ),
    "cart/panic_test.go": 'package cart\n\nimport "testing"\n\nfunc TestZPanic(t *testing.T) {\n\tPick(nil, 3)\n}\n',
    "bad/bad.go": 'package bad\n\nimport "os"\n\nfunc F() int {\n\tx := 1\n\treturn "no"\n}\n',
    "vet/vet.go": 'package vet\n\nimport "fmt"\n\nfunc F() {\n\tfmt.Printf("%d\\n", "text")\n}\n',
}
RUST = {
    "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": 'pub fn total(prices: &[i32]) -> i32 {\n    let unused = 1;\n    prices.iter().sum()\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert_eq!(total(&[1, 2]), 4);\n    }\n\n    #[test]\n    #[should_panic]\n    fn panics() {\n        panic!("as it should");\n    }\n}\n',
}
RUST_BAD = RUST | {
    "src/lib.rs": 'pub fn total(prices: &[i32]) -> i32 {\n    let x: i32 = "one";\n    missing(prices)\n}\n'
}

CASES = (
    Case("cpplint", "cpplint", "cpplint a.cpp", CPP),
    Case(
        "clang-format", "clang-format", "clang-format --dry-run --Werror a.cpp", {"a.cpp": "int  main( ){return 0;}\n"}
    ),
    Case(
        "clang-tidy",
        "clang-tidy",
        "clang-tidy --checks='-*,modernize-*,clang-analyzer-*' a.cpp --",
        {"a.cpp": "#include <cstddef>\nint f(int *p) {\n  if (p == NULL) return *p;\n  return 0;\n}\n"},
    ),
    Case("gcc", "gcc", "gcc -Wall -c main.c", C),
    Case("gcc-link", "gcc", "gcc link.c -o x", C),
    Case("gpp", "g++", "g++ -Wall -c a.cpp", CPP),
    Case("clang", "clang", "clang -Wall -c main.c", C),
    Case("clangpp", "clang++", "clang++ -Wall -c a.cpp", CPP),
    Case("asan", "gcc", "gcc -g -fsanitize=address san.c -o san && ./san", C),
    Case("valgrind", "valgrind", "gcc -g san.c -o san && valgrind ./san", C),
    Case("cppcheck", "cppcheck", "cppcheck --enable=all -q san.c", C),
    Case(
        "make",
        "make",
        "make",
        {"Makefile": "all: a.o\n\na.o: a.c\n\tgcc -c a.c\n", "a.c": "int main(void) { return x; }\n"},
    ),
    Case("make-syntax", "make", "make", {"Makefile": "all:\n    echo no tab\n"}),
    Case(
        "cmake",
        "cmake",
        "cmake -S . -B b",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\nfind_package(Gone REQUIRED)\nno_such_command()\n"
        },
    ),
    Case(
        "ninja",
        "cmake",
        "cmake -S . -B b -G Ninja >/dev/null && cmake --build b",
        {"CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(x C)\nadd_executable(x main.c)\n", **C},
    ),
    Case(
        "gtest",
        "g++",
        "g++ t.cc -lgtest -lgtest_main -pthread -o t && ./t",
        {
            "t.cc": "#include <gtest/gtest.h>\nTEST(Cart, Adds) {\n  EXPECT_EQ(1 + 1, 3);\n}\nTEST(Cart, Fine) { SUCCEED(); }\n"
        },
    ),
    Case(
        "boost-test",
        "g++",
        "g++ t.cc -o t && ./t",
        {
            "t.cc": "#define BOOST_TEST_MODULE x\n#include <boost/test/included/unit_test.hpp>\nBOOST_AUTO_TEST_CASE(adds) {\n  BOOST_CHECK_EQUAL(1 + 1, 3);\n}\n"
        },
    ),
    Case(
        "doctest",
        "g++",
        "g++ t.cc -o t && ./t",
        {
            "t.cc": '#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\nTEST_CASE("adds") {\n  CHECK(1 + 1 == 3);\n}\n'
        },
    ),
    Case("go-build", "go", "go build ./...", GO),
    Case("go-vet", "go", "go vet ./vet", GO),
    Case("go-test", "go", "go test ./cart -run 'Total|Names|Fine'", GO),
    Case("go-test-v", "go", "go test -v ./cart -run 'Total|Names|Fine'", GO),
    Case("go-panic", "go", "go test ./cart -run Panic", GO),
    Case("cargo-build", "cargo", "cargo build --offline --color never", RUST_BAD),
    Case("cargo-short", "cargo", "cargo build --offline --message-format short", RUST_BAD),
    Case("cargo-test", "cargo", "cargo test --offline --color always", RUST),
    Case(
        "gfortran",
        "gfortran",
        "gfortran -Wall -c a.f90",
        {"a.f90": "program a\n  implicit none\n  integer :: i\n  x = 1\nend program\n"},
    ),
    Case(
        "gnat",
        "gnatmake",
        "gnatmake a.adb",
        {"a.adb": 'procedure A is\n   X : Integer := "one";\nbegin\n   Y := 1;\nend A;\n'},
    ),
    Case("gdc", "gdc", "gdc -c a.d", {"a.d": 'void main() {\n    int x = "one";\n    gone();\n}\n'}),
    Case("fpc", "fpc", "fpc a.pas", {"a.pas": "program a;\nvar x: integer;\nbegin\n  x := 'one';\n  y := 1;\nend.\n"}),
    Case("nim", "nim", "nim c --hints:off --nimcache:c a.nim", {"a.nim": 'var unused = 1\nlet x: int = "one"\n'}),
    Case("valac", "valac", "valac -C a.vala", {"a.vala": 'void main() {\n    int x = "one";\n    gone();\n}\n'}),
    Case("nasm", "nasm", "nasm -f elf64 a.asm", {"a.asm": "mov eax, gone\nfoo bar\n"}),
    Case("gas", "gcc", "gcc -c a.s", {"a.s": "main:\n  foo %eax\n"}),
    Case(
        "iverilog",
        "iverilog",
        "iverilog -o x a.v",
        {"a.v": "module a;\n  assign y = gone;\n  initial begin\n endmodule\n"},
    ),
    Case(
        "verilator",
        "verilator",
        "verilator --lint-only -Wall a.v",
        {"a.v": "module a(input [7:0] i, output [3:0] o);\n  assign o = i;\n  wire unused;\nendmodule\n"},
    ),
    Case(
        "ghdl",
        "ghdl",
        "ghdl -a a.vhd",
        {"a.vhd": "entity a is end;\narchitecture x of a is\nbegin\n  y <= gone;\nend;\n"},
    ),
)
