local M = {}

function M.restart()
  require('factory.lsp').restart()
end

return M
