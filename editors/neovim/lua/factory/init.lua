local M = {}

---@class factory.Options
---@field cmd? string[] The server and its arguments. Nil: found as `:help factory-server` tells.
---@field settings? table<string, any> Settings of the server by name, such as `defaultModel`.

---@type factory.Options
M.options = {}

---Starts the server for every file of a Git repository. Not needed where `vim.lsp.enable('factory')` is used.
---@param options? factory.Options
function M.setup(options)
  options = options or {}
  for name, value in pairs(options) do
    local known = name == 'cmd' or name == 'settings'
    assert(known, ('factory.setup: there is no option %s'):format(name))
    assert(type(value) == 'table', ('factory.setup: %s must be a table'):format(name))
  end
  M.options = options
  require('factory.lsp').enable()
end

---What the current file's workspace is at, for a statusline: `CI failed · ratchet CI_FAILED`. Empty outside one.
---@return string
function M.statusline()
  return require('factory.status').text(vim.api.nvim_get_current_buf())
end

return M
