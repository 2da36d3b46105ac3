-- Text to read, in a window and a buffer that go together.
local M = {}

---@param lines string[]
---@param filetype string
function M.show(lines, filetype)
  vim.cmd.new()
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.filetype, vim.bo.modifiable = 'nofile', 'wipe', filetype, false
end

return M
