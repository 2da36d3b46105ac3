"""One small file a family of tools; `factory_ls.ci.tools` is the table of them."""
