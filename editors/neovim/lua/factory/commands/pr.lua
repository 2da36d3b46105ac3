local client = require('factory.client')
local pick = require('factory.pick')

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

return M
