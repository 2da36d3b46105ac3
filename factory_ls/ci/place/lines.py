"""Text as lines, counted as LSP counts them."""

_BOM = "\ufeff"


def split_lines(text: str) -> list[str]:
    """Lines without their ends (`\\n`, `\\r\\n` or `\\r`, LSP 3.17 "Text Documents") and without a leading BOM.

    Never empty: text that ends in a line end has an empty last line. Unlike `str.splitlines`, form feeds and U+2028
    end no line.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix(_BOM).split("\n")
