-- usage: nvim --headless … -l story.lua HOW FILE MESSAGE
-- The diagnostic appears, moves when a line is added above it, and its quick fix is run.
local how, file, message = unpack(arg)
local support = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/support.lua')
support.open(file, how)

local first = support.diagnostic(message).lnum + 1
vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# one line above', '# and another' })
local moved
support.wait('the diagnostic moves', function()
  moved = support.diagnostic(message).lnum + 1
  return moved ~= first
end)
local source = support.diagnostic(message).source

vim.api.nvim_win_set_cursor(0, { moved, 0 })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return vim.startswith(action.title, 'Fix with Claude')
  end,
})
local status = ''
support.wait('the statusline', function()
  status = require('factory').statusline()
  return status ~= ''
end)
io.stdout:write('waiting for the fix\n')
support.wait('the fix is seen', function()
  return vim.uv.fs_stat(vim.env.FIX_SEEN)
end)
support.finish({ first = first, moved = moved, source = source, status = status, version = tostring(vim.version()) })
