"""Tools that make hardware: simulators and synthesis, whose places stand at the end of a line or in words of their own.

ERROR: [Synth 8-439] module 'fifo' not found [/w/top.v:19]    ERROR  (EX3937) : Unknown module 'pll'("/w/top.v":12)
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

from factory_ls.ci.rules import Family, Rule, sample

FAMILY = Family(
    name="hardware",
    about="simulators and synthesis",
    names=("surelog", "gowin", "riviera"),
    rules=(
        Rule(
            ("[FAT:", "[ERR:", "[WRN:", "[NTE:"),
            r"\[(?P<sev>FAT|ERR|WRN|NTE):(?P<code>\w+)\] (?P<path>[^\s:]+):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*)",
            tool="surelog",
        ),
        Rule(
            '":',
            r"(?P<sev>ERROR|WARN)\s+\((?P<code>\w+)\) : (?P<msg>.*?)\s*\(\"(?P<path>[^\"]+)\":(?P<line>\d+)\)",
            tool="gowin",
            scan=r"\(\"[^\"\n]+\":[0-9]+\)",
        ),
        Rule(
            '" "',
            r"(?:\w+ )?(?P<sev>ERROR|WARNING) (?P<code>[A-Z0-9]+_\d+): \"(?P<msg>.*)\" \"(?P<path>[^\"]+)\" (?P<line>\d+) (?P<col>\d+)$",
            tool="riviera",
            scan=r"\" \"[^\"\n]+\" [0-9]+ [0-9]+(?m:$)",
        ),
    ),
    samples=(
        sample(
            '[WRN:PA0205] rtl/pkg.sv:1:1: No timescale set for "pkg".\n[INF:CP0300] Compilation...',
            "rtl/pkg.sv:1:1 warning PA0205",
            title="Surelog",
        ),
        sample(
            "ERROR  (EX3937) : Instantiating unknown module 'pll'(\"/w/src/top.v\":12)",
            "/w/src/top.v:12 error EX3937",
            title="Gowin",
        ),
        sample(
            'COMP96 ERROR COMP96_0019: "Keyword \'end\' expected." "src/a.vhd" 12 5',
            "src/a.vhd:12:5 error COMP96_0019",
            title="Riviera-PRO",
        ),
    ),
)
