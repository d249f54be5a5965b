import QtQuick
import "../theme"

// Content that may be taller than its place: it moves by whole screens, with big arrows, never by dragging.
Item {
    id: scroller

    default property alias content: column.data
    property real spacing: 4 * Theme.mm
    // Given by holders that shrink with their content; then it must not depend on this item's own height.
    property real maxHeight: height
    readonly property real contentHeight: column.height
    // What the content needs at least; more than that it may take because there is room.
    property real needed: column.height
    property bool isOverflowing: false
    // It was tried without the arrows, and that was too much.
    property bool needsArrows: false
    readonly property real viewWidth: width - (isOverflowing ? Theme.target + Theme.gap : 0)
    readonly property real far: Math.max(0, column.height - height)
    property real offset: 0

    function reset(): void {
        offset = 0;
        needsArrows = false;
        isOverflowing = needed > maxHeight + 1;
    }

    // Moves so far that the control that got the focus can be seen.
    function reveal(item: Item): void {
        for (let at = item; at !== column; at = at.parent) {
            if (!at)
                return;
        }
        const top = item.mapToItem(column, 0, 0).y - 2 * Theme.mm;
        const bottom = top + item.height + 4 * Theme.mm;
        if (top < offset || bottom > offset + height)
            offset = Math.max(0, Math.min(far, bottom > offset + height ? bottom - height : top));
    }

    // What shrinks beside the arrows fits, grows without them, and fits no more: it is tried without them once.
    function settle(): void {
        if (!isOverflowing) {
            isOverflowing = needed > maxHeight + 1;
        } else if (needed <= maxHeight + 1 - (needsArrows ? 30 * Theme.mm : 0)) {
            needsArrows = true;
            isOverflowing = false;
        }
    }

    // Other letters are another page: what was tried with the last ones says nothing.
    readonly property bool isLarge: Theme.isLarge
    onIsLargeChanged: Qt.callLater(reset)
    onNeededChanged: settle()
    onMaxHeightChanged: settle()
    Component.onCompleted: settle()

    onFarChanged: offset = Math.min(offset, far)

    Item {
        id: view
        objectName: "viewport"
        width: scroller.viewWidth
        height: scroller.height
        clip: scroller.isOverflowing

        Column {
            id: column
            width: view.width
            y: -Math.round(scroller.offset)
            spacing: scroller.spacing
        }
    }
    Column {
        visible: scroller.isOverflowing
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        spacing: Theme.gap

        Repeater {
            model: scroller.isOverflowing ? [{ id: "scroll-up", icon: "up", name: Theme.scrollUp || "↑" }, { id: "scroll-down", icon: "down", name: Theme.scrollDown || "↓" }] : []

            Item {
                id: arrow
                required property var modelData
                readonly property bool isUp: modelData.icon === "up"
                readonly property bool isLive: isUp ? scroller.offset > 0 : scroller.offset < scroller.far
                objectName: modelData.id
                width: Theme.target
                height: 26 * Theme.mm

                Rectangle {
                    anchors.fill: parent
                    anchors.margins: tap.isDown ? Math.round(Theme.mm) : 0
                    radius: Theme.radius
                    color: arrow.isLive ? (tap.isDown ? Theme.primaryDown : Theme.primary) : Theme.surface
                    border.width: Theme.isHigh ? Theme.edge : 0
                    border.color: Theme.line
                }
                Icon {
                    anchors.centerIn: parent
                    name: arrow.modelData.icon
                    size: 10 * Theme.mm
                    tone: arrow.isLive ? Theme.primaryInk : Theme.line
                }
                Tap {
                    id: tap
                    anchors.fill: parent
                    isReady: arrow.isLive
                    name: arrow.modelData.name
                    onActed: scroller.offset = Math.max(0, Math.min(scroller.far, scroller.offset + (arrow.isUp ? -1 : 1) * (scroller.height - 16 * Theme.mm)))
                }
            }
        }
    }
}
