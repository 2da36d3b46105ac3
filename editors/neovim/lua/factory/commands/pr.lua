local client = require('factory.client')
local pick = require('factory.pick')
local value = require('factory.status').value

local M = {}

function M.refresh()
  client.execute('factory.pr.refresh', { workspace = pick.current_workspace().id })
end

---Never by force. CI starts on what was pushed.
function M.push()
  local workspace = pick.current_workspace()
  client.execute('factory.pr.push', { workspace = workspace.id })
  vim.notify(('Factory: %s is pushed.'):format(workspace.branch))
end

---Pushes first. Without a title the server makes one.
---@param text string the title
function M.create(text)
  local workspace = pick.current_workspace()
  local title = text ~= '' and text or nil
  local pr = client.execute('factory.pr.create', { workspace = workspace.id, title = title })
  vim.notify(('Factory: #%d is open: %s'):format(pr.number, pr.url))
end

---On GitHub, in the browser.
function M.browse()
  local workspace = pick.current_workspace()
  local pr = value(workspace.pr)
  if not pr then
    error(('%s has no pull request yet: run :Factory pr create.'):format(workspace.name), 0)
  end
  vim.ui.open(pr.url)
end

return M
