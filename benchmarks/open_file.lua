-- usage: nvim --headless … -l open_file.lua FILE ROUNDS
-- From `:edit` to the diagnostics of a file, with a server that runs already; beside the same with a server in Neovim
-- itself that answers at once. Prints JSON, milliseconds.
local file, rounds = arg[1], tonumber(arg[2])
vim.cmd('filetype on')

---@return number
local function once()
  vim.cmd('silent! %bwipeout!')
  local begin = vim.uv.hrtime()
  vim.cmd.edit(file)
  assert(vim.wait(60000, function()
    return #vim.diagnostic.get(0) > 0
  end, 1))
  return (vim.uv.hrtime() - begin) / 1e6
end

---A server of a few lines: what Neovim itself takes.
local function hello(dispatchers)
  local id = 0
  return {
    request = function(method, _, callback)
      id = id + 1
      callback(nil, method == 'initialize' and { capabilities = { textDocumentSync = 1 } } or vim.NIL)
      return true, id
    end,
    notify = function(method, params)
      if method == 'textDocument/didOpen' then
        local range = { start = { line = 0, character = 0 }, ['end'] = { line = 0, character = 3 } }
        local found = { { range = range, message = 'hello', severity = 1 } }
        dispatchers.notification(
          'textDocument/publishDiagnostics',
          { uri = params.textDocument.uri, diagnostics = found }
        )
      end
      return true
    end,
    is_closing = function()
      return false
    end,
    terminate = function() end,
  }
end

vim.lsp.config('hello', { cmd = hello })
vim.lsp.enable('hello')
once()
local stock = {}
for _ = 1, rounds do
  table.insert(stock, once())
end
vim.lsp.enable('hello', false)
for _, client in ipairs(vim.lsp.get_clients({ name = 'hello' })) do
  client:stop(true)
end
vim.cmd('silent! %bwipeout!')

vim.lsp.enable('factory')
once() -- the server starts
local ours = {}
for _ = 1, rounds do
  table.insert(ours, once())
end
table.sort(stock)
io.stdout:write(vim.json.encode({ ours = ours, stock = stock[math.ceil(#stock / 2)] }), '\n')
vim.cmd('qall!')
