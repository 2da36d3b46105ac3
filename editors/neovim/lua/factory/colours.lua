-- The colours of a log, as highlights. The server tells them beside the text, which has no escape sequences.
local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('factory.log')
local BASIC = { 'black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white' }
-- xterm's, for a 'termguicolors' without `g:terminal_color_N`.
local DEFAULT = {
  '#000000',
  '#cd0000',
  '#00cd00',
  '#cdcd00',
  '#0000ee',
  '#cd00cd',
  '#00cdcd',
  '#e5e5e5',
  '#7f7f7f',
  '#ff0000',
  '#00ff00',
  '#ffff00',
  '#5c5cff',
  '#ff00ff',
  '#00ffff',
  '#ffffff',
}
local MODES = { bold = 'bold', italic = 'italic', underline = 'underline', strike = 'strikethrough' }

---@type table<string, integer>
local numbers = {}
for index, name in ipairs(BASIC) do
  numbers[name] = index - 1
  numbers['bright' .. name:sub(1, 1):upper() .. name:sub(2)] = index + 7
end

---@param name string a colour of terminals, or `#rrggbb`
---@return string? gui
---@return integer? cterm
local function colour(name)
  local number = numbers[name]
  if number then
    return vim.g['terminal_color_' .. number] or DEFAULT[number + 1], number
  end
  return name:match('^#%x%x%x%x%x%x$')
end

---@param look string such as `bold red on-white`
---@return string group
local function group_of(look)
  local group = 'FactoryLog_' .. look:gsub('%W', '_')
  local definition = {}
  for word in look:gmatch('%S+') do
    local back = word:match('^on%-(.+)')
    if MODES[word] then
      definition[MODES[word]] = true
    elseif back then
      definition.bg, definition.ctermbg = colour(back)
    elseif word ~= 'default' and word ~= 'dim' then
      definition.fg, definition.ctermfg = colour(word)
    end
  end
  definition.default = true -- a colour scheme may define it better
  vim.api.nvim_set_hl(0, group, definition)
  return group
end

---@param bufnr integer
---@param lines string[]
---@param styles [integer, integer, integer, string][] line, start, end (0-based, UTF-16), look
function M.apply(bufnr, lines, styles)
  vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  for _, style in ipairs(styles) do
    local row, first, last, look = unpack(style)
    local line = lines[row + 1] or ''
    vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, row, M.byte(line, first), {
      end_col = M.byte(line, last),
      hl_group = group_of(look),
      strict = false,
    })
  end
end

---@param line string
---@param units integer UTF-16 units from its begin
---@return integer bytes
function M.byte(line, units)
  if not line:find('[\128-\255]') then
    return math.min(units, #line)
  end
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_byteindex(line, 'utf-16', units, false)
  end
  local ok, bytes = pcall(vim.str_byteindex, line, units, true)
  return ok and bytes or #line
end

return M
