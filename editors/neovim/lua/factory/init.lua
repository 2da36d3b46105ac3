local M = {}

---@class factory.Options
---@field cmd? string[] The server and its arguments. Nil: found as `:help factory-server` tells.
---@field virtual_text? boolean|table As in `vim.diagnostic.config`, for the diagnostics of CI alone.
---@field settings? table<string, any> Settings of the server by name, such as `defaultModel`.

local OPTIONS = { cmd = { 'table' }, settings = { 'table' }, virtual_text = { 'table', 'boolean' } }

---@type factory.Options
M.options = {}

---Starts the server for every file of a Git repository. Not needed where `vim.lsp.enable('factory')` is used.
---@param options? factory.Options
function M.setup(options)
  options = options or {}
  for name, value in pairs(options) do
    local types = OPTIONS[name]
    assert(types, ('factory.setup: there is no option %s'):format(name))
    assert(vim.list_contains(types, type(value)), ('factory.setup: %s must be a %s'):format(name, types[1]))
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
