"""What we speak of: frozen Structs and enums. No I/O and no awaits; every other room imports this one.

Import the module you need (`factory_ls.model.problem`): this package imports nothing, so that the forwarder, which
must start in tens of milliseconds, can use `factory_ls.model.paths` without paying for msgspec.
"""
