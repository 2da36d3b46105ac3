"""Small broken projects: C and C++."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case
from tests.ci.corpus.cases_native import CPP, C

TEMPLATES = {
    "a.cpp": '#include "box.h"\n#include <map>\n#include <string>\n#include <memory>\n\nstruct K {};\n\nint main() {\n    std::map<K, int> m;\n    m[K{}] = 1;\n    Box<int*> b;\n    b.get().size();\n    std::unique_ptr<K> p = std::make_unique<K>(1, 2);\n    std::string s = nullptr;\n    auto x = undefined_thing(1);\n    return s;\n}\n',
    "box.h": '#pragma once\n#include "inner.h"\n\ntemplate <typename T>\nstruct Box {\n    T t;\n    T get() { return t.value(); }\n    static_assert(sizeof(T) < 4, "too big");\n};\n',
    "inner.h": "#pragma once\nint helper(int a) { return a + missing_in_header; }\nvoid unused_parameter(int a) {}\n",
}
WARN = {
    "w.c": '#include <stdio.h>\n#include <string.h>\n\n#warning this is old\n\nstatic int never(void) { return 1; }\n\nint f(int a, unsigned b) {\n    int x;\n    char buf[4];\n    if (a = b) printf("%s\\n", 3);\n    if (a < b) strcpy(buf, "far too long");\n    switch (a) { case 1: a++; case 2: break; }\n    return x;\n}\n\nvoid g(void) { return 1; }\n#define MAX(a) gone(a)\nint h(void) { return MAX(1); }\n',
}
ERRORS = {
    "e.c": '#include "nowhere.h"\nint main(void) { return 0; }\n',
    "f.c": "int f(int a) {\n    return a +;\n}\n#error stop here\nint g(void) {\n",
    "h.c": "struct S { int a; };\nint f(struct S *s) { return s.a + s->b; }\nint f(int x) { return x; }\n#ifdef X\n",
}
LINK = {
    "a.cpp": "int gone(int);\nstruct V { virtual void f(); virtual ~V(); };\nint twice = 1;\nint main() {\n    V v;\n    return gone(1);\n}\n",
    "b.cpp": "int twice = 2;\n",
}
CMAKE = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(x C CXX)\nenable_testing()\nadd_executable(app main.c w.c)\nadd_executable(t t.cc)\ntarget_link_libraries(t gtest gtest_main pthread)\nadd_test(NAME cart COMMAND t)\nadd_test(NAME fails COMMAND false)\nadd_test(NAME gone COMMAND nowhere)\n",
    "main.c": C["main.c"],
    "util.h": C["util.h"],
    "w.c": WARN["w.c"],
    "t.cc": '#include <gtest/gtest.h>\n#include <stdexcept>\nTEST(Cart, Adds) {\n  EXPECT_EQ(1 + 1, 3) << "the sum";\n  ASSERT_TRUE(false);\n}\nTEST(Cart, Throws) { throw std::runtime_error("no"); }\nTEST(Cart, Fine) { SUCCEED(); }\nclass P : public ::testing::TestWithParam<int> {};\nTEST_P(P, Small) { EXPECT_LT(GetParam(), 2); }\nINSTANTIATE_TEST_SUITE_P(All, P, ::testing::Values(1, 2));\n',
}
GTEST = "g++ t.cc -lgtest -lgtest_main -pthread -o t && ./t"
CATCH = {
    "t.cc": '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n#include <stdexcept>\nTEST_CASE("adds", "[cart]") {\n  int n = 1;\n  SECTION("inner") {\n    INFO("n is " << n);\n    CHECK(n + 1 == 3);\n    REQUIRE_THROWS(n++);\n  }\n}\nTEST_CASE("throws") { throw std::runtime_error("no"); }\nTEST_CASE("fails") { FAIL("on purpose"); }\nTEST_CASE("fine") { CHECK(true); }\n',
}
DOCTEST = {
    "t.cc": '#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n#include <stdexcept>\nTEST_CASE("adds") {\n  SUBCASE("inner") {\n    INFO("n is 1");\n    CHECK(1 + 1 == 3);\n    CHECK_THROWS(throw 1);\n    REQUIRE_EQ(1, 2);\n  }\n}\nTEST_CASE("throws") { throw std::runtime_error("no"); }\nTEST_CASE("fails") { FAIL("on purpose"); }\n',
}
BOOST = {
    "t.cc": '#define BOOST_TEST_MODULE x\n#include <boost/test/included/unit_test.hpp>\n#include <stdexcept>\nBOOST_AUTO_TEST_SUITE(cart)\nBOOST_AUTO_TEST_CASE(adds) {\n  BOOST_CHECK_EQUAL(1 + 1, 3);\n  BOOST_WARN(false);\n  BOOST_TEST(1 == 2, "not one");\n  BOOST_REQUIRE(false);\n}\nBOOST_AUTO_TEST_CASE(throws) { throw std::runtime_error("no"); }\nBOOST_AUTO_TEST_SUITE_END()\n',
}
SAN = {
    "u.c": "#include <stdlib.h>\nint f(int *p, int n) { return p[n]; }\nint main(int c, char **v) {\n    int big = 2147483647;\n    big += c;\n    int a[2] = {0};\n    a[c + 1] = big;\n    return *(int *)(v + 1000000) + (1 << (c + 40));\n}\n",
    "a.c": "#include <stdlib.h>\n#include <string.h>\nvoid fill(char *p) { memset(p, 0, 9); }\nint main(void) {\n    char *p = malloc(8);\n    fill(p);\n    return 0;\n}\n",
    "l.c": "#include <stdlib.h>\nchar *make(void) { return malloc(40); }\nint main(void) { return make() == 0; }\n",
    "t.c": "#include <pthread.h>\nint n;\nvoid *work(void *x) { n++; return x; }\nint main(void) {\n    pthread_t a, b;\n    pthread_create(&a, 0, work, 0);\n    pthread_create(&b, 0, work, 0);\n    pthread_join(a, 0);\n    pthread_join(b, 0);\n    return 0;\n}\n",
    "s.c": '#include <assert.h>\nint main(int c, char **v) { assert(c == 7 && "seven"); return 0; }\n',
}
TIDY = {
    "a.cpp": "#include <cstddef>\n#include <string>\n#define SQ(x) x*x\nint f(int *p) {\n  if (p == NULL) return *p;\n  for (int i = 0; i < 3; i++)\n    if (i) return 1;\n  return SQ(2);\n}\nclass A { public: A(int x); virtual void g(); };\n",
    "b.cpp": "int g() { return undeclared; }\n",
}
MESON = {
    "meson.build": "project('x', 'c')\nexecutable('app', 'main.c')\ntest('fails', find_program('false'))\n",
    "main.c": C["main.c"],
    "util.h": C["util.h"],
}

CASES = (
    Case("gcc-templates", "g++", "g++ -std=c++17 -c a.cpp", TEMPLATES),
    Case("clang-templates", "clang++", "clang++ -std=c++17 -c a.cpp", TEMPLATES),
    Case("gcc-warnings", "gcc", "gcc -Wall -Wextra -c w.c", WARN),
    Case("clang-warnings", "clang", "clang -Wall -Wextra -c w.c", WARN),
    Case("gcc-werror", "gcc", "gcc -Wall -Werror -c w.c", WARN),
    Case("gcc-errors", "gcc", "for f in e f h; do gcc -c $f.c; done", ERRORS),
    Case("clang-errors", "clang", "for f in e f h; do clang -c $f.c; done", ERRORS),
    Case("clang-msvc-style", "clang", "clang -fdiagnostics-format=msvc -Wall -c w.c", WARN),
    Case("clang-vi-style", "clang", "clang -fdiagnostics-format=vi -Wall -c w.c", WARN),
    Case("clang-absolute", "clang", "clang -fdiagnostics-absolute-paths -fcolor-diagnostics -Wall -c w.c", WARN),
    Case("gcc-json", "gcc", "gcc -fdiagnostics-format=json -Wall -c h.c", ERRORS),
    Case("gcc-no-column", "gcc", "gcc -fno-show-column -fno-diagnostics-show-caret -Wall -c w.c", WARN),
    Case("gcc-analyzer", "gcc", "gcc -fanalyzer -c san.c", C),
    Case("gcc-usage", "gcc", "gcc -fno-such-option -c nowhere.c", {}),
    Case("ld-more", "g++", "g++ -c a.cpp b.cpp && g++ a.o b.o -o x", LINK),
    Case("ld-debug", "g++", "g++ -g a.cpp b.cpp -lnowhere -o x; g++ -g a.cpp b.cpp -o x", LINK),
    Case("ld-gold", "g++", "g++ -g -fuse-ld=gold a.cpp b.cpp -o x", LINK),
    Case("ld-lld", "ld.lld", "g++ -g -fuse-ld=lld a.cpp b.cpp -o x", LINK),
    Case("ld-mold", "mold", "g++ -g -c a.cpp b.cpp && mold a.o b.o -o x", LINK),
    Case("cmake-build", "cmake", "cmake -S . -B b >/dev/null && cmake --build b -- -k", CMAKE),
    Case("cmake-ninja", "ninja", "cmake -G Ninja -S . -B b >/dev/null && cmake --build b -- -k 0", CMAKE),
    Case("cmake-parallel", "cmake", "cmake -S . -B b >/dev/null && make -C b -j2 -k", CMAKE),
    Case("ctest", "ctest", "cmake -S . -B b >/dev/null; cmake --build b --target t >/dev/null; cd b && ctest", CMAKE),
    Case(
        "ctest-output",
        "ctest",
        "cmake -S . -B b >/dev/null; cmake --build b --target t >/dev/null; cd b && ctest --output-on-failure",
        CMAKE,
    ),
    Case(
        "ctest-verbose",
        "ctest",
        "cmake -S . -B b >/dev/null; cmake --build b --target t >/dev/null; cd b && ctest -V -R cart",
        CMAKE,
    ),
    Case(
        "cmake-more",
        "cmake",
        "cmake -S . -B b",
        {
            "CMakeLists.txt": 'cmake_minimum_required(VERSION 2.8)\nproject(x NONE)\nmessage(WARNING "careful here")\nmessage(AUTHOR_WARNING "authors only")\nadd_subdirectory(sub)\nmessage(FATAL_ERROR "cannot go on\\nbecause of this")\n',
            "sub/CMakeLists.txt": "include(nowhere)\nset(x\n",
        },
    ),
    Case(
        "cmake-syntax",
        "cmake",
        "cmake -S . -B b",
        {"CMakeLists.txt": 'cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\nif(TRUE)\nmessage("open\n'},
    ),
    Case(
        "cmake-generate",
        "cmake",
        "cmake -S . -B b",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(x C)\nadd_executable(app gone.c)\ntarget_link_libraries(app PRIVATE Gone::Gone)\n"
        },
    ),
    Case("cmake-nothing", "cmake", "cmake -S nowhere -B b; cmake --build nowhere", {}),
    Case("gtest-more", "g++", GTEST, CMAKE),
    Case("gtest-brief", "g++", GTEST + " --gtest_brief=1 --gtest_color=yes", CMAKE),
    Case("catch2", "g++", "g++ t.cc -o t && ./t", CATCH),
    Case("catch2-compact", "g++", "g++ t.cc -o t && ./t -r compact", CATCH),
    Case("catch2-junit", "g++", "g++ t.cc -o t && ./t -r junit", CATCH),
    Case("doctest-more", "g++", "g++ t.cc -o t && ./t", DOCTEST),
    Case("boost-more", "g++", "g++ t.cc -o t && ./t --log_level=all", BOOST),
    Case(
        "cppunit",
        "g++",
        "g++ t.cc -lcppunit -o t && ./t",
        {
            "t.cc": "#include <cppunit/extensions/HelperMacros.h>\n#include <cppunit/ui/text/TestRunner.h>\n#include <cppunit/CompilerOutputter.h>\nclass T : public CppUnit::TestFixture {\n  CPPUNIT_TEST_SUITE(T);\n  CPPUNIT_TEST(adds);\n  CPPUNIT_TEST_SUITE_END();\n public:\n  void adds() { CPPUNIT_ASSERT_EQUAL(3, 1 + 1); }\n};\nCPPUNIT_TEST_SUITE_REGISTRATION(T);\nint main() {\n  CppUnit::TextUi::TestRunner r;\n  r.addTest(CppUnit::TestFactoryRegistry::getRegistry().makeTest());\n  return !r.run();\n}\n"
        },
    ),
    Case(
        "cmocka",
        "gcc",
        "gcc t.c -lcmocka -o t && ./t",
        {
            "t.c": "#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <cmocka.h>\nstatic void adds(void **s) { (void)s; assert_int_equal(1 + 1, 3); }\nint main(void) {\n  const struct CMUnitTest t[] = {cmocka_unit_test(adds)};\n  return cmocka_run_group_tests(t, NULL, NULL);\n}\n"
        },
    ),
    Case(
        "check",
        "gcc",
        "gcc t.c -lcheck -lsubunit -lrt -lm -pthread -o t && ./t",
        {
            "t.c": '#include <check.h>\nSTART_TEST(adds) { ck_assert_int_eq(1 + 1, 3); }\nEND_TEST\nint main(void) {\n  Suite *s = suite_create("cart");\n  TCase *c = tcase_create("core");\n  tcase_add_test(c, adds);\n  suite_add_tcase(s, c);\n  SRunner *r = srunner_create(s);\n  srunner_run_all(r, CK_NORMAL);\n  return srunner_ntests_failed(r);\n}\n'
        },
    ),
    Case(
        "cpputest",
        "g++",
        "g++ t.cc -lCppUTest -o t && ./t",
        {
            "t.cc": '#include <CppUTest/CommandLineTestRunner.h>\n#include <CppUTest/TestHarness.h>\nTEST_GROUP(Cart) {};\nTEST(Cart, adds) { LONGS_EQUAL(3, 1 + 1); }\nTEST(Cart, names) { STRCMP_EQUAL("a", "b"); }\nint main(int c, char** v) { return CommandLineTestRunner::RunAllTests(c, v); }\n'
        },
    ),
    Case("ubsan-gcc", "gcc", "gcc -g -fsanitize=undefined u.c -o u && ./u", SAN),
    Case("asan-more", "gcc", "gcc -g -fsanitize=address a.c -o a && ./a", SAN),
    Case("asan-clang", "clang", "clang -g -fsanitize=address a.c -o a && ./a", SAN),
    Case("lsan", "gcc", "gcc -g -fsanitize=address l.c -o l && ./l", SAN),
    Case("assert", "gcc", "gcc -g s.c -o s && ./s", SAN),
    Case("segfault", "sh", "gcc -g u.c -o u && sh -c './u; exit $?'", SAN),
    Case("valgrind-more", "valgrind", "gcc -g l.c -o l && valgrind --leak-check=full ./l", SAN),
    Case(
        "clang-tidy-more",
        "clang-tidy",
        "clang-tidy --checks='*,-llvmlibc*,-fuchsia*,-altera*' --warnings-as-errors='google-*' a.cpp b.cpp --",
        TIDY,
    ),
    Case("clang-tidy-quiet", "clang-tidy", "clang-tidy --quiet --checks='-*,readability-*' a.cpp --", TIDY),
    Case(
        "clang-format-more",
        "clang-format",
        "clang-format --dry-run a.cpp b.cpp",
        {"a.cpp": "int  main( ){return 0;}\n", "b.cpp": "int x;\nint   y;\n"},
    ),
    Case("cppcheck-more", "cppcheck", "cppcheck --enable=all --inconclusive .", {**WARN, **SAN}),
    Case("cppcheck-gcc", "cppcheck", "cppcheck --enable=all -q --template=gcc w.c", WARN),
    Case("cppcheck-xml", "cppcheck", "cppcheck --enable=warning -q --xml w.c", WARN),
    Case(
        "cpplint-more",
        "cpplint",
        "cpplint --output=vs7 a.cpp; cpplint --output=eclipse a.cpp; cpplint --output=junit a.cpp",
        CPP,
    ),
    Case("meson", "meson", "meson setup b >/dev/null && meson compile -C b", MESON),
    Case(
        "meson-config", "meson", "meson setup b", {"meson.build": "project('x', 'c')\ndependency('no-such-library')\n"}
    ),
    Case("meson-syntax", "meson", "meson setup b", {"meson.build": "project('x', 'c'\nexecutable(\n"}),
    Case(
        "meson-test",
        "meson",
        "meson setup b >/dev/null && meson test -C b",
        {"meson.build": "project('x', 'c')\ntest('fails', find_program('false'))\n"},
    ),
    Case("scons", "scons", "scons -Q", {"SConstruct": "Program('app', 'main.c')\n", **C}),
    Case(
        "make-missing",
        "make",
        "make; make all -k",
        {"Makefile": "all: gone.o other\n\nother:\n\t@echo building\n\t@false\n\nfail:\n\t$(error stop here)\n"},
    ),
    Case(
        "make-recursive",
        "make",
        "make",
        {
            "Makefile": "all:\n\t$(MAKE) -C sub\n",
            "sub/Makefile": "all: a.o\n",
            "sub/a.c": "int f(void) { return x; }\n",
        },
    ),
    Case("make-error", "make", "make", {"Makefile": "ifndef X\n$(error X is not set)\nendif\n"}),
    Case("ninja-missing", "ninja", "ninja", {"build.ninja": "rule cc\n  command = gcc -c $in\nbuild a.o: cc gone.c\n"}),
    Case("ninja-syntax", "ninja", "ninja", {"build.ninja": "rule cc\ncommand = gcc\n"}),
)
