-- Where the server is.
local M = {}

---@param path string
---@return string?
local function executable(path)
  path = vim.fs.normalize(path)
  return vim.fn.executable(path) == 1 and path or nil
end

---The command that starts the server: `setup{cmd}`, then $FACTORY_LS, PATH, ~/.local/bin, then .venv of the repository.
---A variable that names no program is an error, not a reason to look further: the user meant that one.
---@param root? string
---@return string[]? command
---@return string? problem why there is none
function M.find(root)
  local cmd = require('factory').options.cmd
  if cmd then
    return cmd
  end
  local variable = vim.env.FACTORY_LS
  if variable and variable ~= '' then
    local path = executable(variable)
    if not path then
      return nil, ('$FACTORY_LS (%s) is not a program that can be run.'):format(variable)
    end
    return { path }
  end
  local on_path = vim.fn.exepath('factory-ls')
  if on_path ~= '' then
    return { on_path }
  end
  -- Where `uv tool` and pipx put it: often not on the PATH of an editor that a desktop started.
  local own = executable('~/.local/bin/factory-ls')
  if own then
    return { own }
  end
  local in_venv = root and executable(root .. '/.venv/bin/factory-ls')
  if in_venv then
    return { in_venv }
  end
  return nil, 'factory-ls was not found. Install it with `uv tool install factory-ls`.'
end

return M
