import QtQuick
import "theme"
import "parts"

// The one window: strip, heading, the page's own place, bottom bar. Pages are built once and kept.
Item {
    id: root

    readonly property QtObject theme: Theme
    property var page: JSON.parse(face.first)
    property string shownStrip: ""
    property var current: null
    readonly property var built: ({})
    readonly property bool isWhole: current !== null && current.isWhole
    readonly property bool isPortrait: Theme.isPortrait
    readonly property bool isBarNeeded: page.back !== null || page.home !== null || page.main !== null || page.second !== null
    // The upper third is for reading; in the low reach more of it, so that a seated person reaches every control.
    readonly property real upperShare: Theme.isLowReach ? 0.42 : 1 / 3
    readonly property real barHeight: (Theme.isLarge ? 32 : 28) * Theme.mm
    readonly property real barTop: isBarNeeded ? height - barHeight - 20 * Theme.mm : height - 12 * Theme.mm

    readonly property var files: ({
            "attract": "AttractPage", "menu": "MenuPage", "standard": "StandardPage", "scene": "ScenePage", "pin": "PinPage",
            "nik": "NikPage", "digits": "DigitsPage", "ticket": "TicketPage", "busy": "BusyPage", "documents": "MenuPage", "review": "ReviewPage", "preview": "PreviewPage",
            "printing": "PrintingPage", "outcome": "OutcomePage", "survey": "SurveyPage", "take": "TakePage",
            "hand-over": "HandOverPage", "countdown": "CountdownPage", "text": "TextPage", "technician": "TechnicianPage",
            "stepper": "StepperPage", "consent": "ConsentPage", "capture": "CapturePage"
        })

    function build(kind: string): var {
        const file = files[kind];
        if (!(file in built)) {
            const component = Qt.createComponent("pages/" + file + ".qml");
            if (component.status !== Component.Ready) {
                console.warn(component.errorString());
                return null;
            }
            built[file] = component.createObject(host, { visible: false, objectName: "page-" + kind });
        }
        return built[file];
    }

    function applyLook(look: var): void {
        Theme.isLarge = look.text_size === "large";
        Theme.isHigh = look.contrast === "high";
        Theme.isMotionReduced = look.is_motion_reduced;
        Theme.isLowReach = look.is_low_reach;
    }

    function show(model: var): void {
        const isNew = model.key !== page.key || current === null;
        applyLook(model.look);
        Theme.scrollUp = model.strip.scroll_up ?? "";
        Theme.scrollDown = model.strip.scroll_down ?? "";
        const next = build(model.body.type);
        if (current !== null && current !== next) {
            current.isCurrent = false;
            current.visible = false;
        }
        Guard.pageKey = model.key;
        Guard.shows += 1;
        // First the page, then its model: a page that leaves must not be laid out for the one that comes.
        current = next;
        // The strip is the same on nearly every page: what has not changed is not bound anew.
        const stripText = JSON.stringify(model.strip);
        if (stripText !== shownStrip) {
            shownStrip = stripText;
            strip.model = model.strip;
        }
        page = model;
        if (isBarNeeded)
            bar.active = true;
        if (next === null)
            return;
        next.page = model;
        next.visible = true;
        next.isCurrent = true;
        if (isNew && Guard.isKeyboardUsed)
            Qt.callLater(root.focusFirst);
        if (isNew && Theme.pageMove > 0 && model.direction !== "none") {
            move.stop();
            sheet.x = (model.direction === "back" ? -1 : 1) * Math.round(18 * Theme.mm);
            move.start();
        }
    }

    function forget(): void {
        Guard.isKeyboardUsed = false;
        root.forceActiveFocus();
        for (const file in built)
            built[file].forget();
        for (const blank of JSON.parse(face.blanks())) {
            const kept = built[files[blank.body.type]];
            if (kept && kept !== current)
                kept.page = blank;
        }
        gc();
    }

    // What a digit of a numpad does where nothing is typed: its arrows move the focus, its middle acts.
    readonly property var padMoves: ({ "2": "next", "6": "next", "8": "previous", "4": "previous", "5": "enter" })
    readonly property var moves: ({ "down": true, "right": true, "next": true, "up": false, "left": false, "previous": false })

    // A key of a keypad or keyboard. Every page can be worked by these alone.
    function keyed(name: string): void {
        if (current === null)
            return;
        const isDigit = name.length === 1;
        if (isDigit && current.takesDigits) {
            // Who types has left the button that had the focus: Enter now sends what was typed.
            root.forceActiveFocus();
            current.key(name);
            return;
        }
        const act = isDigit ? padMoves[name] ?? "" : name;
        if (act in moves)
            moveFocus(moves[act]);
        else if (act === "delete")
            current.key(act);
        else if (act === "help")
            pressHelp();
        else if (act === "enter" || act === "space")
            actByKey(act);
    }

    function focusedControl(): var {
        const item = root.Window.activeFocusItem;
        return Guard.isKeyboardUsed && item && item.act !== undefined && item.visible && item.isReady ? item : null;
    }

    function actByKey(name: string): void {
        const control = focusedControl();
        if (control !== null) {
            face.tick();
            control.act();
        } else if (name === "enter" && !current.key(name)) {
            if (page.main !== null && page.main.is_enabled)
                mainActed();
            else
                focusFirst();
        }
    }

    function pressHelp(): void {
        for (const control of page.strip.controls) {
            if (control.id === "help" && control.is_enabled)
                face.press("help");
        }
    }

    function moveFocus(isForward: bool): void {
        if (!Guard.isKeyboardUsed || focusedControl() === null) {
            focusFirst();
            return;
        }
        focusOn(root.Window.activeFocusItem.nextItemInFocusChain(isForward));
    }

    function focusOn(item: var): void {
        if (!item)
            return;
        item.forceActiveFocus(Qt.TabFocusReason);
        for (let holder = item.parent; holder; holder = holder.parent) {
            if (holder.reveal !== undefined)
                holder.reveal(item);
        }
    }

    // The first answer to the page's question; then its button; only then what stands in the strip.
    function focusFirst(): void {
        Guard.isKeyboardUsed = true;
        root.forceActiveFocus();
        if (current.takesDigits)
            return;
        let item = root, first = null;
        for (let step = 0; step < 200; step++) {
            item = item.nextItemInFocusChain(true);
            if (!item || item === first)
                break;
            if (item.act === undefined)
                continue;
            first = first ?? item;
            if (isWithin(item, current) && !item.parent.objectName.startsWith("scroll-")) {
                focusOn(item);
                return;
            }
        }
        const button = bar.item ? bar.item.firstControl() : null;
        focusOn(button ?? first);
    }

    function isWithin(item: var, holder: var): bool {
        for (let at = item; at; at = at.parent) {
            if (at === holder)
                return true;
        }
        return false;
    }

    function mainActed(): void {
        if (current === null || page.main === null)
            return;
        if (!current.submitMain(page.main.id))
            face.press(page.main.id);
    }

    Component.onCompleted: {
        Theme.fontData = Qt.binding(() => face.fontData);
        Theme.mmPerPx = face.mmPerPx;
        Guard.withinMs = face.doubleTapMs;
        Guard.reach = 12 * Theme.mm;
        show(page);
    }
    Binding {
        target: Theme
        property: "windowWidth"
        value: root.width
    }
    Binding {
        target: Theme
        property: "windowHeight"
        value: root.height
    }
    Connections {
        target: face

        function onShown(text: string): void {
            root.show(JSON.parse(text));
        }
        function onForgotten(): void {
            root.forget();
        }
        function onKeyed(name: string): void {
            root.keyed(name);
        }
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.ground
    }
    Strip {
        id: strip
        width: root.width
        height: implicitHeight
    }
    Item {
        id: sheet
        y: strip.height
        width: root.width
        height: root.height - y

        NumberAnimation on x {
            id: move
            running: false
            to: 0
            duration: Theme.pageMove
            easing.type: Easing.OutCubic
        }
        Dots {
            id: dots
            x: Theme.margin
            y: 10 * Theme.mm
            width: root.isPortrait ? sheet.width - 2 * Theme.margin : heading.width
            stages: root.page.dots
            visible: stages.length > 0 && !root.isWhole
        }
        Heading {
            id: heading
            x: Theme.margin
            readonly property real under: dots.y + dots.height + 10 * Theme.mm
            // Upright, the question stands right above its answers; sideways it starts its own column.
            y: root.isPortrait ? Math.max(under, Math.round(root.height * root.upperShare) - sheet.y - 12 * Theme.mm - height) : under
            width: root.isPortrait ? sheet.width - 2 * Theme.margin : Math.floor(sheet.width * 0.36) - Theme.margin
            visible: !root.isWhole
            title: root.page.title
            lead: root.page.lead
        }
        Item {
            id: host
            objectName: "content"
            readonly property real contentTop: root.isPortrait ? Math.max(Math.round(root.height * root.upperShare) - sheet.y, heading.y + heading.height + 12 * Theme.mm) : 10 * Theme.mm
            x: root.isWhole ? 0 : root.isPortrait ? Theme.margin : heading.x + heading.width + 16 * Theme.mm
            y: root.isWhole ? 0 : contentTop
            width: root.isWhole ? sheet.width : sheet.width - x - Theme.margin
            height: (root.isWhole && !root.isBarNeeded ? root.height : root.barTop) - sheet.y - y
            onWidthChanged: root.fit()
            onHeightChanged: root.fit()
        }
    }
    Loader {
        id: bar
        active: false
        y: root.height - root.barHeight - 12 * Theme.mm
        width: root.width
        height: root.barHeight
        sourceComponent: BottomBar {
            page: root.page
            isMainReady: root.current === null || root.current.isMainReady
            onMainActed: root.mainActed()
        }
    }

    // The focus of the keyboard: one frame that goes where the focus goes.
    Rectangle {
        id: focusRing
        objectName: "focus-ring"
        readonly property var target: Guard.isKeyboardUsed && root.Window.activeFocusItem && root.Window.activeFocusItem.act !== undefined ? root.Window.activeFocusItem : null
        readonly property rect place: target ? root.mapFromItem(target, -Theme.mm, -Theme.mm, target.width + 2 * Theme.mm, target.height + 2 * Theme.mm) : Qt.rect(0, 0, 0, 0)
        visible: target !== null
        x: place.x
        y: place.y
        width: place.width
        height: place.height
        color: "transparent"
        radius: Theme.radius + Theme.mm
        border.width: Theme.mm
        border.color: Theme.focus
    }

    onCurrentChanged: fit()

    // Only the page on the screen is measured: the kept ones take their size when they come back.
    function fit(): void {
        if (current !== null) {
            current.width = host.width;
            current.height = host.height;
        }
    }

    // Builds one page at a time when nobody touches, so that no page change has to.
    Timer {
        id: warm
        property int next: 0
        property var blanks: null
        interval: 40
        repeat: true
        onTriggered: {
            bar.active = true;
            if (blanks === null)
                blanks = JSON.parse(face.blanks());
            if (next >= blanks.length) {
                blanks = null;
                stop();
                return;
            }
            const model = blanks[next++];
            if (!(root.files[model.body.type] in root.built)) {
                const item = root.build(model.body.type);
                if (item !== null) {
                    item.width = host.width;
                    item.height = host.height;
                    item.page = model;
                }
            }
        }
    }
    Timer {
        interval: 300
        running: true
        onTriggered: warm.start()
    }

    // One pixel of almost the ground's colour changes with each frame that is asked for: Wayland gives no frame to a
    // window in which nothing changed, and a watchdog that waits for one would kill a face that is merely at rest.
    property bool pulse: false

    Rectangle {
        width: 1
        height: 1
        z: 1000
        color: root.pulse ? Theme.ground : Qt.tint(Theme.ground, "#02808080")
    }

    focus: true
}
