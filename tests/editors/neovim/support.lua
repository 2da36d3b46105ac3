-- Shared by the scripts that tests run inside Neovim.
local M = {}

---@param what string
---@param condition fun(): any
---@param seconds? integer
function M.wait(what, condition, seconds)
  assert(
    vim.wait((seconds or 30) * 1000, function()
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

---What the server answers to a command.
---@param command string
---@param argument table
function M.call(command, argument)
  local client = vim.lsp.get_clients({ name = 'factory' })[1]
  local params = { command = command, arguments = { argument } }
  local request = 'workspace/executeCommand'
  local answer
  if vim.fn.has('nvim-0.11') == 1 then
    answer = assert(client:request_sync(request, params, 10000))
  else
    answer = assert(client.request_sync(request, params, 10000))
  end
  assert(not answer.err, vim.inspect(answer.err))
  return answer.result
end

---Writes the answer for the test and ends Neovim with its servers.
function M.finish(answer)
  io.stdout:write(vim.json.encode(answer), '\n')
  vim.cmd('qall!')
end

return M
