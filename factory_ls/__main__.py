"""`factory-ls` and `python -m factory_ls`."""


def main() -> None:
    raise SystemExit("replaced by the hub room")


if __name__ == "__main__":
    main()
