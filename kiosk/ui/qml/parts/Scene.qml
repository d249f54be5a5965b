import QtQuick
import "../theme"

// The hands-and-machine scenes: four frames each, drawn for the side where the thing is on this machine.
// Places are in the drawing's own units, 480 by 360; "left" is the mirror of "right".
Item {
    id: scene

    property var model: null
    property bool isRunning: true
    // On a coloured ground the scene stands without its own backing.
    property bool isPlain: false
    // Starts with the frame that says it all, for those who only glance.
    property int frame: stillFrame
    readonly property string kind: model ? model.kind : "officer"
    readonly property string side: model ? model.side : "right"
    readonly property bool isBelow: side === "below"
    readonly property bool isMirrored: side === "left"
    readonly property real unit: width / 480
    readonly property int stillFrame: kind === "take-card" ? 1 : kind === "officer" ? 0 : 3
    readonly property int shownFrame: Theme.isMotionReduced ? stillFrame : frame
    readonly property var script: isBelow ? belowScripts[kind] : sideScripts[kind]

    // base, then moving layers: picture, width, height, place in each frame (null hides), and the window it shows through.
    readonly property var sideScripts: ({
            "hold-card": { base: "side", layers: [
                    { pic: "reader", w: 84, h: 84, at: [[306, 96], [306, 96], null, null] },
                    { pic: "reader-lit", w: 84, h: 84, at: [null, null, [306, 96], [306, 96]] },
                    { pic: "hand-card", w: 300, h: 300, at: [[324, 196], [300, 156], [272, 112], [272, 112]] }] },
            "take-card": { base: "side", layers: [
                    { pic: "reader", w: 84, h: 84, at: [[306, 96], [306, 96], [306, 96], [306, 96]] },
                    { pic: "hand-card", w: 300, h: 300, at: [[272, 112], [292, 146], [316, 186], [316, 186]] },
                    { pic: "tick", w: 60, h: 60, at: [null, null, null, [318, 108]] }] },
            "paper-out": { base: "side", slot: [304, 150, 88], layers: [
                    { pic: "paper", w: 80, h: 118, at: [[308, 42], [308, 86], [308, 124], [308, 156]], through: [296, 156, 110, 204] },
                    { pic: "arrow", w: 52, h: 52, at: [null, [322, 284], [322, 292], [322, 300]] }] },
            "card-out": { base: "side", slot: [304, 162, 88], layers: [
                    { pic: "card", w: 80, h: 54, at: [[308, 116], [308, 130], [308, 150], [308, 168]], through: [296, 168, 110, 150] },
                    { pic: "arrow", w: 48, h: 48, at: [null, [324, 214], [324, 222], [324, 232]] }] },
            "slip-out": { base: "side", slot: [314, 150, 68], layers: [
                    { pic: "slip", w: 54, h: 108, at: [[321, 52], [321, 90], [321, 124], [321, 156]], through: [300, 156, 100, 204] },
                    { pic: "arrow", w: 48, h: 48, at: [null, [324, 262], [324, 270], [324, 278]] }] },
            "scan-code": { base: "side", layers: [
                    { pic: "scanner", w: 84, h: 84, at: [[306, 70], [306, 70], null, null] },
                    { pic: "scanner-lit", w: 84, h: 84, at: [null, null, [306, 70], [306, 70]] },
                    { pic: "hand-phone", w: 300, h: 300, at: [[322, 214], [292, 186], [262, 152], [262, 152]] }] },
            "phone": { base: "code", layers: [
                    { pic: "code", w: 164, h: 164, at: [[158, 74], [158, 74], [158, 74], [158, 74]] },
                    { pic: "hand-phone", w: 300, h: 300, at: [[322, 196], [292, 172], [266, 150], [266, 150]] },
                    { pic: "tick", w: 60, h: 60, at: [null, null, null, [322, 120]] }] },
            "touch": { base: "touch", layers: [
                    { pic: "touch-lit", w: 200, h: 54, at: [null, null, [140, 188], [140, 188]] },
                    { pic: "hand-point", w: 300, h: 300, at: [[276, 226], [252, 202], [236, 184], [240, 190]] }] },
            "officer": { base: "", layers: [
                    { pic: "officer", w: 240, h: 300, at: [[120, 24], [120, 24], [120, 24], [120, 24]] },
                    { pic: "officer-hand", w: 120, h: 170, at: [[312, 138], [322, 132], [312, 138], [302, 132]] },
                    { pic: "counter", w: 480, h: 70, at: [[0, 290], [0, 290], [0, 290], [0, 290]] }] }
        })
    readonly property var belowScripts: ({
            "hold-card": { base: "below", layers: [
                    { pic: "reader", w: 84, h: 84, at: [[198, 186], [198, 186], null, null] },
                    { pic: "reader-lit", w: 84, h: 84, at: [null, null, [198, 186], [198, 186]] },
                    { pic: "hand-card", w: 300, h: 300, at: [[240, 268], [212, 236], [176, 206], [176, 206]] }] },
            "take-card": { base: "below", layers: [
                    { pic: "reader", w: 84, h: 84, at: [[198, 186], [198, 186], [198, 186], [198, 186]] },
                    { pic: "hand-card", w: 300, h: 300, at: [[176, 206], [206, 228], [240, 254], [240, 254]] },
                    { pic: "tick", w: 60, h: 60, at: [null, null, null, [210, 198]] }] },
            "paper-out": { base: "below", slot: [144, 196, 192], layers: [
                    { pic: "paper-wide", w: 168, h: 118, at: [[156, 84], [156, 130], [156, 170], [156, 202]], through: [130, 202, 220, 158] },
                    { pic: "arrow", w: 56, h: 56, at: [null, [212, 286], [212, 294], [212, 302]] }] },
            "card-out": { base: "below", slot: [186, 200, 108], layers: [
                    { pic: "card", w: 88, h: 60, at: [[196, 142], [196, 166], [196, 188], [196, 206]], through: [180, 206, 120, 150] },
                    { pic: "arrow", w: 48, h: 48, at: [null, [216, 272], [216, 282], [216, 290]] }] },
            "slip-out": { base: "below", slot: [202, 196, 76], layers: [
                    { pic: "slip", w: 54, h: 108, at: [[213, 94], [213, 136], [213, 172], [213, 202]], through: [190, 202, 100, 158] },
                    { pic: "arrow", w: 48, h: 48, at: [null, [284, 218], [284, 232], [284, 246]] }] },
            "scan-code": { base: "below", layers: [
                    { pic: "scanner", w: 84, h: 84, at: [[198, 172], [198, 172], null, null] },
                    { pic: "scanner-lit", w: 84, h: 84, at: [null, null, [198, 172], [198, 172]] },
                    { pic: "hand-phone", w: 300, h: 300, at: [[226, 290], [190, 268], [154, 246], [154, 246]] }] },
            "phone": sideScripts["phone"],
            "touch": sideScripts["touch"],
            "officer": sideScripts["officer"]
        })

    implicitHeight: width * 0.75
    visible: model !== null
    // Without a backing there is no edge to end at: whoever holds the scene cuts it where an edge can be seen.
    clip: !isPlain
    onKindChanged: frame = stillFrame
    onIsRunningChanged: frame = stillFrame
    Accessible.ignored: true

    Timer {
        interval: Theme.sceneStep
        repeat: true
        running: scene.isRunning && scene.visible && !Theme.isMotionReduced
        onTriggered: scene.frame = (scene.frame + 1) % 4
    }
    Rectangle {
        visible: !scene.isPlain
        anchors.fill: parent
        radius: Theme.radius
        color: Theme.surface
        border.width: Theme.isHigh ? Theme.hair : 0
        border.color: Theme.line
    }
    Machine {
        anchors.fill: parent
        visible: scene.script.base !== ""
        layout: scene.script.base
        isMirrored: scene.isMirrored
        unit: scene.unit
    }
    Rectangle {
        readonly property var place: scene.script.slot ?? null
        visible: place !== null
        x: place ? Math.round((scene.isMirrored ? 480 - place[0] - place[2] : place[0]) * scene.unit) : 0
        y: place ? Math.round(place[1] * scene.unit) : 0
        width: place ? Math.round(place[2] * scene.unit) : 0
        height: Math.round(11 * scene.unit)
        radius: height / 2
        color: Theme.isHigh ? Theme.line : Theme.ink
    }
    Repeater {
        model: 3

        Item {
            id: pane
            required property int index
            readonly property var part: index < scene.script.layers.length ? scene.script.layers[index] : null
            readonly property var through: part && part.through ? part.through : [0, 0, 480, 360]
            readonly property var place: part ? part.at[scene.shownFrame] : null
            visible: part !== null && place !== null
            clip: part !== null && part.through !== undefined
            x: Math.round((scene.isMirrored ? 480 - through[0] - through[2] : through[0]) * scene.unit)
            y: Math.round(through[1] * scene.unit)
            width: Math.round(through[2] * scene.unit)
            height: Math.round(through[3] * scene.unit)

            Image {
                readonly property var spot: pane.place ?? [0, 0]
                readonly property real left480: pane.part ? (scene.isMirrored ? 480 - spot[0] - pane.part.w : spot[0]) : 0
                // The address holds name and size together, so that no half-changed picture is ever drawn.
                readonly property size drawn: pane.part && scene.model !== null ? Qt.size(Math.round(pane.part.w * scene.unit), Math.round(pane.part.h * scene.unit)) : Qt.size(0, 0)
                width: drawn.width
                height: drawn.height
                x: Math.round(left480 * scene.unit) - pane.x
                y: Math.round(spot[1] * scene.unit) - pane.y
                mirror: scene.isMirrored && pane.part !== null && pane.part.pic !== "tick" && pane.part.pic !== "code"
                cache: false
                source: drawn.width <= 0 || drawn.height <= 0 ? "" : "image://drawn/scene/" + pane.part.pic + "/" + drawn.width + "x" + drawn.height + "/" + Theme.sceneRoles
            }
        }
    }
}
