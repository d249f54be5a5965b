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
            "nik": "NikPage", "busy": "BusyPage", "documents": "MenuPage", "review": "ReviewPage", "preview": "PreviewPage",
            "printing": "PrintingPage", "outcome": "OutcomePage", "survey": "SurveyPage", "take": "TakePage",
            "hand-over": "HandOverPage", "countdown": "CountdownPage", "text": "TextPage", "technician": "TechnicianPage"
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
        if (isNew && Theme.pageMove > 0 && model.direction !== "none") {
            move.stop();
            sheet.x = (model.direction === "back" ? -1 : 1) * Math.round(18 * Theme.mm);
            move.start();
        }
    }

    function forget(): void {
        for (const file in built)
            built[file].forget();
        for (const blank of JSON.parse(face.blanks())) {
            const kept = built[files[blank.body.type]];
            if (kept && kept !== current)
                kept.page = blank;
        }
        gc();
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
            const focused = root.Window.activeFocusItem;
            if (name === "enter" && Guard.isKeyboardUsed && focused && focused.act !== undefined)
                focused.act();
            else if (root.current !== null && !root.current.key(name) && name === "enter" && root.page.main !== null && root.page.main.is_enabled)
                root.mainActed();
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

    focus: true
    Keys.onPressed: event => {
        const forward = event.key === Qt.Key_Tab || event.key === Qt.Key_Down || event.key === Qt.Key_Right;
        const back = event.key === Qt.Key_Backtab || event.key === Qt.Key_Up || event.key === Qt.Key_Left;
        if (!forward && !back)
            return;
        Guard.isKeyboardUsed = true;
        const from = root.Window.activeFocusItem || root;
        const item = from.nextItemInFocusChain(forward);
        if (item)
            item.forceActiveFocus(Qt.TabFocusReason);
        event.accepted = true;
    }
}
