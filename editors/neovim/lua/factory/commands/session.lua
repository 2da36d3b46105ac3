local asks = require('factory.asks')
local async = require('factory.async')
local buffers = require('factory.buffers')
local client = require('factory.client')
local pick = require('factory.pick')
local status = require('factory.status')

local M = {}

---@param session table
local function show(session)
  buffers.show('factory://session/' .. session.id)
end

function M.start(text)
  local workspace = pick.current_workspace()
  local prompt = text ~= '' and text or async.input('What should Claude do? Empty: it waits')
  show(client.execute('factory.session.start', {
    workspace = workspace.id,
    prompt = prompt ~= '' and prompt or nil,
  }))
end

---What was said, growing as it is. Ended sessions can be read too.
function M.open()
  show(pick.session(pick.current_workspace(), function()
    return true
  end))
end

---Takes up a conversation whose process has ended.
M['continue'] = function()
  local session = pick.session(pick.current_workspace(), status.ended)
  show(client.execute('factory.session.resume', { session = session.id }))
end

---Ends the turn; the session stays open.
function M.interrupt()
  client.execute('factory.session.interrupt', { session = pick.session(pick.current_workspace()).id })
end

function M.send(text)
  local session = pick.session(pick.current_workspace())
  local prompt = text ~= '' and text or async.required_input('Message to Claude')
  client.execute('factory.session.send', { session = session.id, prompt = prompt })
end

function M.stop()
  client.execute('factory.session.stop', { session = pick.session(pick.current_workspace()).id })
end

---Question → the chosen label.
---@param questions table[]
---@return table<string, string>
local function answers(questions)
  local given = {}
  for _, question in ipairs(questions) do
    given[question.question] = async.select(question.options, question.question, function(option)
      return option.description and ('%s: %s'):format(option.label, option.description) or option.label
    end).label
  end
  return given
end

local DECISIONS = { allow = 'allow', always = 'allowAlways', deny = 'deny' }

---@param request table
---@param decision? string
---@return table
local function decide(request, decision)
  if type(request.input) == 'table' and request.input.questions then
    return { decision = 'allow', answers = answers(request.input.questions) }
  end
  if decision then
    return { decision = decision }
  end
  local labels = { allow = 'Allow', allowAlways = 'Always allow', deny = 'Deny' }
  decision = async.select({ 'allow', 'allowAlways', 'deny' }, request.title, function(choice)
    return labels[choice]
  end)
  if decision ~= 'deny' then
    return { decision = decision }
  end
  local message = async.input('What should Claude do instead? May be empty')
  return { decision = decision, message = message ~= '' and message or nil }
end

---Any workspace's: a session elsewhere that waits should not need its window first.
---@param text string `allow`, `always`, `deny`, or empty to be asked
function M.answer(text)
  if text ~= '' and not DECISIONS[text] then
    error(('an answer is allow, always or deny, not %s.'):format(text), 0)
  end
  local waiting = asks.of(pick.live_workspaces())
  if #waiting == 0 then
    error('Claude asks nothing now.', 0)
  end
  local ask = waiting[1]
  if #waiting > 1 or text == '' then
    ask = async.select(waiting, 'What Claude asks', asks.label)
  end
  local answer = decide(ask.request, DECISIONS[text])
  answer.session, answer.request = ask.session.id, ask.request.request
  client.execute('factory.session.answer', answer)
end

return M
