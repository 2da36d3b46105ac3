-- Shared by the scripts that tests run inside Neovim.
local M = {}

function M.wait(what, condition)
  assert(
    vim.wait(20000, function()
      return condition() and true or false
    end, 20),
    'not in time: ' .. what
  )
end

---Opens a file the way a user does, with the plugin on. `how` is `enable` or `setup`.
function M.open(file, how)
  vim.cmd('filetype plugin on')
  if how == 'enable' then
    vim.lsp.enable('factory')
  else
    require('factory').setup()
  end
  vim.cmd.edit(file)
end

---The diagnostic with this text, once there is one.
function M.diagnostic(text)
  local found
  M.wait('a diagnostic with ' .. text, function()
    for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
      if diagnostic.message:find(text, 1, true) then
        found = diagnostic
      end
    end
    return found
  end)
  return found
end

---Writes the answer for the test and ends Neovim with its servers.
function M.finish(answer)
  io.stdout:write(vim.json.encode(answer), '\n')
  vim.cmd('qall!')
end

return M
