-- For `vim.lsp.enable('factory')` (Neovim 0.11 and newer).
return require('factory.lsp').config()
